import Histogram
import Model

/// The run in columns of the same length, so that a drawing's size does not grow with the run's.
struct TimeBins: Sendable {
    /// What happened within one column.
    struct Column: Sendable, Equatable {
        var counts = [0, 0, 0]
        /// The longest latency of a write, in microseconds.
        var slowest: Double?
        /// End-to-end lag in microseconds.
        var medianLag: Double?
        var longestLag: Double?

        var total: Int { counts.reduce(0, +) }

        subscript(outcome: RunTimeline.Outcome) -> Int { counts[outcome.rawValue] }
    }

    /// Drawings have about as many places.
    static let limit = 300

    /// How many seconds one column lasts.
    let step: Double
    private(set) var columns: [Column]

    init(_ run: RunTimeline, limit: Int = Self.limit) {
        step = max(Scale.roundStep(atLeast: run.seconds / Double(max(limit, 1))), 0.1)
        columns = Array(repeating: Column(), count: Int(run.seconds / step) + 1)
        for write in run.writes {
            let index = place(write.at)
            columns[index].counts[write.outcome.rawValue] += 1
            columns[index].slowest = max(columns[index].slowest ?? 0, write.latency)
        }
        var histograms: [Int: LatencyHistogram] = [:]
        for sample in run.lag where !sample.histogram.isEmpty {
            histograms[place(sample.at), default: LatencyHistogram()].merge(sample.histogram)
        }
        for (index, histogram) in histograms {
            columns[index].medianLag = Double(histogram.percentile(50))
            columns[index].longestLag = Double(histogram.maximum)
        }
    }

    private func place(_ seconds: Double) -> Int {
        min(max(Int(seconds / step), 0), columns.count - 1)
    }
}

/// The places of a grid that something fell on: what falls on the same place is drawn once.
struct MarkGrid: Sendable {
    /// The side of a place, in pixels.
    static let size = 3.0

    private(set) var places: Set<UInt64> = []

    mutating func add(_ x: Double, _ y: Double) {
        let column = UInt32(max(0, x / Self.size))
        let row = UInt32(max(0, y / Self.size))
        places.insert(UInt64(column) << 32 | UInt64(row))
    }

    /// The middle of each place, from left to right.
    var points: [(x: Double, y: Double)] {
        places.sorted().map { place in
            (
                (Double(place >> 32) + 0.5) * Self.size,
                (Double(place & 0xFFFF_FFFF) + 0.5) * Self.size
            )
        }
    }
}
