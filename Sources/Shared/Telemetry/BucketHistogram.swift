/// Counts of values by fixed upper bounds, as Prometheus' histograms have them.
///
/// Recording is a search among a dozen numbers. It is a plain value: keep it in the mutex that guards the
/// counters beside it, or in one thread.
public struct BucketHistogram: Sendable, Equatable {
    /// The upper bounds, rising; what is above the last is counted in `count` only.
    public let bounds: [Double]
    /// How many values are in each bucket alone.
    private var counts: [Int]
    public private(set) var count = 0
    public private(set) var sum = 0.0

    public init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds rise")
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count)
    }

    /// For durations: 1 ms to a minute.
    public static var seconds: BucketHistogram {
        BucketHistogram(bounds: [
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
        ])
    }

    /// For sizes: 1 to 100,000.
    public static var sizes: BucketHistogram {
        BucketHistogram(bounds: [
            1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000,
        ])
    }

    public mutating func record(_ value: Double) {
        count += 1
        sum += value
        // Linear: most values are in the lower buckets.
        if let bucket = bounds.firstIndex(where: { value <= $0 }) { counts[bucket] += 1 }
    }

    /// How many values are not above each bound, in the order of `bounds`.
    public var cumulativeCounts: [Int] {
        var total = 0
        return counts.map { count in
            total += count
            return total
        }
    }
}
