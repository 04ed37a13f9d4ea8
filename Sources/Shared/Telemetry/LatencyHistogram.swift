import Histogram

/// A distribution of latencies in microseconds, exact to about one percent, of any size in constant memory.
public struct LatencyHistogram: Sendable {
    // Two significant digits keep one histogram at a few kilobytes and its error at 1 %.
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .two)

    public init() {}

    public var count: UInt64 { histogram.totalCount }

    public var isEmpty: Bool { histogram.totalCount == 0 }

    /// Adds one latency, `count` times.
    public mutating func record(microseconds: UInt64, count: UInt64 = 1) {
        _ = histogram.record(microseconds, count: count)
    }

    /// Adds all that another histogram holds.
    public mutating func merge(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
    }

    /// The latency that `percent` of all are not above, in microseconds; 0 when there is none.
    public func percentile(_ percent: Double) -> UInt64 {
        isEmpty ? 0 : min(histogram.valueAtPercentile(percent), maximum)
    }

    /// The largest latency in microseconds.
    public var maximum: UInt64 { isEmpty ? 0 : histogram.max }

    /// The values that occurred and how often, in rising order: another histogram is rebuilt from them.
    public var buckets: [(microseconds: UInt64, count: UInt64)] {
        histogram.recordedValues().map { (min($0.value, maximum), $0.count) }
    }

    public mutating func removeAll() {
        histogram.reset()
    }
}

extension UInt64 {
    /// A number of microseconds as a person reads it: `180 µs`, `4.1 ms`, `9.20 s`.
    public var asDuration: String {
        switch self {
        case 0..<1_000: return "\(self) µs"
        case 1_000..<100_000: return "\(tenths(of: 1_000)) ms"
        case 100_000..<1_000_000: return "\(self / 1_000) ms"
        default: return "\(tenths(of: 1_000_000)) s"
        }
    }

    private func tenths(of unit: UInt64) -> String {
        let rounded = (self * 10 + unit / 2) / unit
        return "\(rounded / 10).\(rounded % 10)"
    }
}
