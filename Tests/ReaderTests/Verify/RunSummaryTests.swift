import Histogram
import History
import Testing
import Text

@testable import Evidence
@testable import Verify

@Suite("The run's summary") struct RunSummaryTests {
    private func lag(_ microseconds: UInt64, _ state: String) -> HistoryLine.Event {
        .lag(
            .init(
                buckets: [.init(microseconds: microseconds, count: 1)],
                recordsBehind: 0,
                divergentRows: 0,
                state: state
            )
        )
    }

    @Test func `lag is divided at the fault and at the first interval in order after it`() {
        var run = RunFixture()
        run.add(lag(10, "OK"), at: 19)
        run.add(lag(20, "OK"), at: 21)
        run.add(lag(30_000, "STALLED"), at: 23)
        run.add(lag(40_000, "OK"), at: 31)
        run.add(lag(50, "OK"), at: 32)
        let summary = RunSummary(Journal(run.lines))
        #expect(summary.phases.map(\.name) == ["before", "during", "after"])
        #expect(summary.phases.map(\.lag.count) == [1, 3, 1])
    }

    @Test func `the outage of a fault is the longest gap around it`() {
        let summary = RunSummary(Journal(RunFixture().lines))
        #expect(summary.outageOfFault == [11_000_000])
        #expect(summary.outages.map(\.microseconds) == [11_000_000, 9_000_000])
    }

    @Test func `numbers are grouped by thousands`() {
        #expect([0, 999, 1_000, -1_234_567].map(\.grouped) == ["0", "999", "1,000", "-1,234,567"])
    }
}
