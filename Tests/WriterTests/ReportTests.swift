import Shared
import Testing

@testable import Writer

@Suite struct ReportTests {
    @Test func `numbers read well`() {
        #expect(ReportText.seconds(8_314_000_000, decimals: 2) == "8.31 s")
        #expect(ReportText.seconds(12_049_000_000, decimals: 1) == "12.0 s")
        #expect(ReportText.seconds(59_999_999_999, decimals: 2) == "60.00 s")
        #expect(ReportText.count(7) == "7")
        #expect(ReportText.count(29_871) == "29,871")
        #expect(ReportText.count(1_000_000) == "1,000,000")
        #expect(ReportText.rate(998, in: 1_000_000_000) == "998/s")
        #expect(ReportText.rate(5, in: 2_000_000_000) == "2.5/s")
        #expect(ReportText.rate(0, in: 0) == "0/s")
        #expect(ReportText.causes(["57P01": 4, "08006": 9, "25006": 4]) == "08006 9, 25006 4, 57P01 4")
        #expect(ReportText.wallClock(1_767_225_661_007_000) == "2026-01-01 00:01:01.007 UTC")
    }

    @Test func `the summary names each outage and how the unknown writes were settled`() {
        let old = HistoryLine.Session(node: "a:1", backendProcessID: 1, timeline: Timeline(7))
        let new = HistoryLine.Session(node: "b:1", backendProcessID: 2, timeline: Timeline(8))
        var account = Account(rate: 100)
        account.acknowledged(
            at: Moment(monotonic: 1_000_000_000, wall: 1_767_225_660_000_000),
            on: old,
            latency: 800,
            intendedLatency: 900
        )
        account.failed(
            .info,
            at: Moment(monotonic: 2_000_000_000, wall: 0),
            cause: "57P01",
            message: "shutdown"
        )
        account.settled(Settlement(of: Doubt(token: Token(5), timeline: Timeline(7)), expected: 1, found: 5))
        account.acknowledged(
            at: Moment(monotonic: 9_310_000_000, wall: 1_767_225_668_310_000),
            on: new,
            latency: 800,
            intendedLatency: 8_310_000
        )
        let text = Summary(
            account: account,
            length: 10_000_000_000,
            rate: 100,
            leftovers: Leftovers(end: .now(), openInfoCount: 0, backlogCount: 3),
            ongoing: nil,
            historyPath: "h.ndjson"
        ).lines { "\($0.node) (timeline \($0.timeline))" }.joined(separator: "\n")
        #expect(text.contains("ok 2  fail 0  info 1"))
        #expect(text.contains("info settled: ok 1  fail 0  open 0"))
        #expect(text.contains("3 that were due"))
        #expect(
            text.contains(
                "2026-01-01 00:01:00.000 UTC  8.31 s  attempts 1 (57P01 1)  a:1 (timeline 7) -> b:1 (timeline 8)"
            )
        )
    }
}
