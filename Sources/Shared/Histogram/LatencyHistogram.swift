/// A distribution of latencies in microseconds, exact to one percent, of any size in bounded memory.
///
/// The buckets are those of HdrHistogram (Gil Tene, hdrhistogram.org) with two significant digits: see
/// `LogLinearBucket`. A histogram holds only the powers of two between its smallest and its largest latency:
/// nothing when it is empty, 1 KiB for each power, 58 KiB for the whole range of `UInt64`.
///
/// It is a plain value: keep it in one thread, or in the mutex that guards what is beside it. Counts stop at
/// `UInt64.max` instead of trapping.
public struct LatencyHistogram: Sendable, Equatable {
    /// How many latencies it holds.
    public private(set) var count: UInt64 = 0
    /// The largest latency in microseconds; 0 when there is none.
    public private(set) var maximum: UInt64 = 0
    /// The number of the bucket that `counts` begins with: the first of a row.
    private var first = 0
    /// How many latencies are in each bucket from `first` on; whole rows.
    private var counts: [UInt64] = []

    /// An empty histogram, without memory of its own.
    public init() {}

    public var isEmpty: Bool { count == 0 }

    /// Adds one latency, `count` times.
    public mutating func record(microseconds: UInt64, count added: UInt64 = 1) {
        guard added > 0 else { return }
        let bucket = LogLinearBucket(of: microseconds).number
        let row = bucket - bucket % LogLinearBucket.rowLength
        reach(row..<row + LogLinearBucket.rowLength)
        counts[bucket - first].addUpToLimit(added)
        count.addUpToLimit(added)
        maximum = max(maximum, microseconds)
    }

    /// Adds all that another histogram holds; the result is as if all had been recorded in one.
    public mutating func merge(_ other: LatencyHistogram) {
        guard !other.isEmpty else { return }
        // Shares the memory until one of them changes.
        guard !isEmpty else { return self = other }
        reach(other.first..<other.first + other.counts.count)
        let distance = other.first - first
        for (index, added) in other.counts.enumerated() { counts[distance + index].addUpToLimit(added) }
        count.addUpToLimit(other.count)
        maximum = max(maximum, other.maximum)
    }

    /// The latency that `percent` of all are not above, in microseconds; 0 when there is none.
    ///
    /// It is the end of the bucket that the exact latency is in: never below it, above it by less than 0.8 %,
    /// and never above `maximum`.
    public func percentile(_ percent: Double) -> UInt64 {
        // One step down, as HdrHistogram does it: 99.9 % of 1,000 is 999 and not 999.0000000000001.
        let rank = (percent.nextDown / 100 * Double(count)).rounded(.up)
        // A percent that is no number or below 0 asks for the first.
        var left = rank < Double(count) ? (rank > 1 ? UInt64(rank) : min(1, count)) : count
        guard left > 0, !percent.isNaN else { return isEmpty ? 0 : percentile(0) }
        for (index, count) in counts.enumerated() {
            guard left > count else { return min(LogLinearBucket(number: first + index).last, maximum) }
            left -= count
        }
        return maximum
    }

    /// The values that occurred and how often, in rising order: another histogram is rebuilt from them.
    ///
    /// A value is the end of its bucket, the last one `maximum`; recorded again, each comes into the same
    /// bucket.
    public var buckets: [(microseconds: UInt64, count: UInt64)] {
        counts.enumerated().compactMap { index, count in
            guard count > 0 else { return nil }
            return (min(LogLinearBucket(number: first + index).last, maximum), count)
        }
    }

    /// Forgets all latencies and keeps the memory for the next ones.
    public mutating func removeAll() {
        (count, maximum, first) = (0, 0, 0)
        counts.removeAll(keepingCapacity: true)
    }

    /// Makes room for the buckets of whole rows.
    private mutating func reach(_ rows: Range<Int>) {
        guard !counts.isEmpty else {
            first = rows.lowerBound
            counts.append(contentsOf: repeatElement(0, count: rows.count))
            return
        }
        let end = first + counts.count
        if rows.upperBound > end {
            counts.append(contentsOf: repeatElement(0, count: rows.upperBound - end))
        }
        if rows.lowerBound < first {
            counts.insert(contentsOf: repeatElement(0, count: first - rows.lowerBound), at: 0)
            first = rows.lowerBound
        }
    }
}

extension UInt64 {
    fileprivate mutating func addUpToLimit(_ added: UInt64) {
        let (sum, isAbove) = addingReportingOverflow(added)
        self = isAbove ? .max : sum
    }
}
