import History
import Model
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
        var cluster = ClusterLog()
        cluster.names = ["a:1": "patroni1", "b:1": "patroni2"]
        cluster.promotions = [Timeline(7): 1_767_225_665_000_000]
        _ = cluster.saw(leader: "patroni1", timeline: 7, at: 500_000_000)
        _ = cluster.saw(leader: nil, timeline: nil, at: 4_000_000_000)
        cluster.saw(routed: ["patroni1"], at: 500_000_000)
        cluster.saw(routed: [], at: 5_000_000_000)
        cluster.saw(routed: ["patroni2"], at: 9_000_000_000)
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
        account.settled(Settlement(didHappen: true, surprises: []))
        account.acknowledged(
            at: Moment(monotonic: 9_310_000_000, wall: 1_767_225_668_310_000),
            on: new,
            latency: 800,
            intendedLatency: 8_310_000
        )
        let summary = Summary(
            account: account,
            length: 10_000_000_000,
            rate: 100,
            leftovers: Leftovers(end: .now(), openInfoCount: 0, backlogCount: 3),
            ongoing: nil,
            historyPath: "h.ndjson",
            seed: 17,
            places: cluster
        )
        let text = summary.lines().joined(separator: "\n")
        #expect(text.contains("ok 2  fail 0  info 1"))
        #expect(text.contains("info settled: ok 1  fail 0  open 0"))
        #expect(text.contains("3 that were due"))
        #expect(
            text.contains(
                "2026-01-01 00:01:00.000 UTC  8.31 s  attempts 1 (57P01 1)  patroni1 (timeline 7) -> patroni2 (timeline 8)"
            )
        )
        #expect(text.contains("detect 3.00 s  elect 2.00 s  route 3.00 s  connect 0.31 s"))
        let json = summary.json()
        #expect(json.contains(#""writes":{"backlog":3,"fail":0,"info":1,"missed":0,"observed":0,"ok":2,"#))
        #expect(json.contains(#""open":0,"settled_fail":0,"settled_ok":1}"#))
        #expect(json.contains(#""after":{"node":"patroni2","timeline":8}"#))
        #expect(json.contains(#""detect":3,"elect":2,"info":1,"route":3,"seconds":8.31}"#))
        #expect(json.contains(#""causes":{"57P01":1}"#))
        #expect(json.contains(#""seed":17"#))
    }
}
