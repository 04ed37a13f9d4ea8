import Histogram

/// The distribution of one lag over the last intervals: what is older falls out.
struct LagWindow: Sendable {
    /// How many intervals it reaches back.
    let length: Int
    private var intervals: [LatencyHistogram] = []
    private var next = 0

    init(length: Int) {
        self.length = max(1, length)
    }

    /// Adds what the newest interval saw.
    mutating func add(_ interval: LatencyHistogram) {
        if intervals.count < length {
            intervals.append(interval)
        } else {
            intervals[next] = interval
            next = (next + 1) % length
        }
    }

    /// All intervals together.
    var all: LatencyHistogram {
        var all = LatencyHistogram()
        for interval in intervals where !interval.isEmpty { all.merge(interval) }
        return all
    }
}
