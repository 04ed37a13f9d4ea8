import Testing

@testable import Histogram

struct LatencyHistogramTests {
    @Test func `percentiles are exact to a percent and never above the maximum`() {
        var histogram = LatencyHistogram()
        for microseconds in 1...10_000 { histogram.record(microseconds: UInt64(microseconds)) }
        #expect(histogram.count == 10_000)
        #expect((4_950...5_050).contains(histogram.percentile(50)))
        #expect((9_800...10_000).contains(histogram.percentile(99)))
        #expect(histogram.percentile(100) <= histogram.maximum)
    }

    @Test func `an empty histogram has no latency`() {
        #expect(LatencyHistogram().percentile(99) == 0)
        #expect(LatencyHistogram().maximum == 0)
    }

    @Test func `a histogram is rebuilt from its buckets`() {
        var histogram = LatencyHistogram()
        for microseconds in [7, 7, 1_500, 40_000_000] as [UInt64] {
            histogram.record(microseconds: microseconds)
        }
        var rebuilt = LatencyHistogram()
        for bucket in histogram.buckets {
            rebuilt.record(microseconds: bucket.microseconds, count: bucket.count)
        }
        #expect(rebuilt.count == 4)
        #expect(rebuilt.percentile(50) == histogram.percentile(50))
    }

    @Test(
        arguments: [
            (0, "0 µs"), (999, "999 µs"), (4_130, "4.1 ms"), (180_000, "180 ms"), (9_204_000, "9.2 s"),
            (1_999_960, "2.0 s"), (.max, "18446744073709.6 s"),
        ]
            as [(UInt64, String)]
    )
    func `durations read in the unit that a person would choose`(microseconds: UInt64, text: String) {
        #expect(microseconds.asDuration == text)
    }

    @Test func `a bucket ends where the next begins, over the whole range`() {
        let last = LogLinearBucket(of: .max).number
        #expect(LogLinearBucket(of: 0).number == 0)
        #expect(LogLinearBucket(number: last).last == .max)
        for number in 0..<last {
            let end = LogLinearBucket(number: number).last
            #expect(LogLinearBucket(of: end).number == number)
            #expect(LogLinearBucket(of: end + 1).number == number + 1)
        }
    }

    @Test func `values below 256 are exact`() {
        for value in 0..<256 as Range<UInt64> { #expect(LogLinearBucket(number: Int(value)).last == value) }
    }

    @Test func `the largest numbers are recorded without a trap`() {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: .max, count: .max)
        histogram.record(microseconds: 0, count: .max)
        histogram.merge(histogram)
        #expect(histogram.count == .max)
        #expect(histogram.maximum == .max)
        #expect(histogram.percentile(0) == 0)
        #expect(histogram.percentile(100) == 0, "the count stands at its limit, which the zeros alone reach")
        #expect(histogram.buckets.map(\.count) == [.max, .max])
    }

    @Test(arguments: [-1, 0, .nan, -.infinity] as [Double])
    func `a percent that makes no sense below asks for the smallest`(percent: Double) {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(percent) == 0)
        for value in [3, 5, 9] as [UInt64] { histogram.record(microseconds: value) }
        #expect(histogram.percentile(percent) == 3)
    }

    @Test(arguments: [100, 101, .infinity] as [Double])
    func `a percent that makes no sense above asks for the largest`(percent: Double) {
        var histogram = LatencyHistogram()
        for value in [3, 5, 1_000] as [UInt64] { histogram.record(microseconds: value) }
        #expect(histogram.percentile(percent) == 1_000)
    }

    @Test func `nothing recorded changes nothing, and what is removed is gone`() {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: 77, count: 0)
        histogram.merge(LatencyHistogram())
        #expect(histogram == LatencyHistogram())
        histogram.record(microseconds: 77)
        #expect(histogram != LatencyHistogram())
        histogram.removeAll()
        #expect(histogram == LatencyHistogram())
        histogram.record(microseconds: 1_000_000)
        #expect(histogram.percentile(1) == 1_000_000)
    }

    @Test func `an older history's values come into their own buckets again`() {
        // As a former version wrote them: ends of buckets of HdrHistogram with two significant digits.
        let line: [(UInt64, UInt64)] = [(255, 3), (257, 2), (1_503, 1), (1_007_615, 4), (40_000_000, 1)]
        var histogram = LatencyHistogram()
        for (microseconds, count) in line { histogram.record(microseconds: microseconds, count: count) }
        #expect(histogram.buckets.map(\.microseconds) == line.map(\.0))
        #expect(histogram.buckets.map(\.count) == line.map(\.1))
    }

    @Test(arguments: [(7, 7), (55, 55), (99, 99), (99.9, 100)] as [(Double, UInt64)])
    func `a rank is not one too high where a product is no whole number in binary`(
        percent: Double,
        expected: UInt64
    ) {
        var histogram = LatencyHistogram()
        for microseconds in 1...100 as ClosedRange<UInt64> { histogram.record(microseconds: microseconds) }
        #expect(histogram.percentile(percent) == expected)
    }
}
