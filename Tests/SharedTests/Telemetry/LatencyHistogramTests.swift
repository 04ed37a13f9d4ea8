import Shared
import Testing

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
        ]
            as [(UInt64, String)]
    )
    func `durations read in the unit that a person would choose`(microseconds: UInt64, text: String) {
        #expect(microseconds.asDuration == text)
    }
}
