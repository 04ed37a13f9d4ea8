import History
import Model
import Telemetry
import Testing

@testable import Writer

@Suite struct WriterMetricsTests {
    @Test func `a scrape tells outcomes, latencies, the leader and the outage that lasts`() {
        let session = HistoryLine.Session(node: "a:1", backendProcessID: 1, timeline: Timeline(7))
        var account = Account(rate: 100)
        account.connected(session)
        account.acknowledged(
            at: Moment(monotonic: 1_000_000_000, wall: 0),
            on: session,
            latency: 800,
            intendedLatency: 30_000
        )
        account.failed(
            .info,
            at: Moment(monotonic: 2_000_000_000, wall: 0),
            cause: "57P01",
            message: "shutdown"
        )
        account.settled(didHappen: false)
        let now = Moment(monotonic: 3_500_000_000, wall: 0)
        let lines = WriterMetrics.text(account, name: { $0 == "a:1" ? "patroni1" : $0 }, now: now).description
            .split(separator: "\n")
        for line in [
            #"handover_writer_ops_total{outcome="ok"} 1"#, #"handover_writer_ops_total{outcome="info"} 1"#,
            #"handover_writer_settled_total{result="fail"} 1"#,
            #"handover_writer_attempts_total{sqlstate="57P01"} 1"#,
            #"handover_writer_connects_total{result="ok"} 1"#,
            #"handover_writer_service_seconds_bucket{le="0.001"} 1"#,
            #"handover_writer_latency_seconds_bucket{le="0.025"} 0"#,
            "handover_writer_latency_seconds_sum 0.03",
            #"handover_writer_connected{node="patroni1",timeline="7"} 1"#,
            "handover_writer_outages_total 0", "handover_writer_outage_seconds 2.5",
            "handover_writer_in_outage 1",
        ] {
            #expect(lines.contains(Substring(line)), "\(line)")
        }
    }
}
