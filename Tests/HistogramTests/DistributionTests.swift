import Glibc
import Testing

@testable import Histogram

/// A million latencies of one shape; the same ones each time.
enum Distribution: String, CaseIterable {
    case uniform, exponential, lognormal, bimodal, zipf, constant

    func values(_ count: Int = 1_000_000) -> [UInt64] {
        var generator = SplitMix(state: 20_261_128)
        return (0..<count).map { _ in next(&generator) }
    }

    private func next(_ generator: inout SplitMix) -> UInt64 {
        let unit = generator.unit()
        switch self {
        case .uniform: return UInt64(unit * 1_000_000)
        case .exponential: return UInt64(-log(unit) * 20_000)
        case .lognormal: return UInt64(exp(8 + 1.5 * normal(unit, generator.unit())))
        case .bimodal:
            let isSlow = generator.unit() < 0.02
            return UInt64((isSlow ? 30_000_000 : 900) * (0.9 + unit / 5))
        // Heavy tail: the largest are near the end of UInt64.
        case .zipf: return UInt64(min(1 / pow(unit, 3), 0x1p63))
        case .constant: return 4_711
        }
    }

    /// Box and Muller's transformation.
    private func normal(_ first: Double, _ second: Double) -> Double {
        sqrt(-2 * log(first)) * cos(2 * .pi * second)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Above 0, up to 1.
    mutating func unit() -> Double { Double(next() >> 11 + 1) * 0x1p-53 }
}

struct DistributionTests {
    @Test(arguments: Distribution.allCases)
    func `percentiles of a million are exact to one percent and never below`(shape: Distribution) {
        var values = shape.values()
        var histogram = LatencyHistogram()
        for value in values { histogram.record(microseconds: value) }
        values.sort()
        for percent in [0, 0.001, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100] {
            // Ranks in integers: the floating point of the histogram is what is judged.
            let rank = max(1, (Int(percent * 1_000) * values.count + 99_999) / 100_000)
            let exact = values[rank - 1]
            let found = histogram.percentile(percent)
            #expect(found >= exact, "\(percent) %")
            #expect(Double(found - exact) <= Double(exact) * 0.01, "\(percent) %: \(found) for \(exact)")
        }
        #expect(histogram.maximum == values.last)
        #expect(histogram.count == 1_000_000)
    }

    @Test(arguments: Distribution.allCases)
    func `merged parts equal one that recorded all`(shape: Distribution) {
        let values = shape.values(20_000)
        var (whole, merged) = (LatencyHistogram(), LatencyHistogram())
        var parts = [LatencyHistogram](repeating: LatencyHistogram(), count: 7)
        for (index, value) in values.enumerated() {
            whole.record(microseconds: value)
            parts[index % 7].record(microseconds: value)
        }
        for part in parts { merged.merge(part) }
        #expect(merged == whole)
    }

    @Test(arguments: Distribution.allCases)
    func `a rebuilt histogram equals the one that gave the buckets`(shape: Distribution) {
        var (histogram, rebuilt) = (LatencyHistogram(), LatencyHistogram())
        for value in shape.values(20_000) { histogram.record(microseconds: value) }
        for bucket in histogram.buckets.shuffled() {
            rebuilt.record(microseconds: bucket.microseconds, count: bucket.count)
        }
        #expect(rebuilt == histogram)
    }
}
