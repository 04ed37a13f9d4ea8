import History
import Model
import Telemetry

/// The writer's metrics, from the account that its workers keep.
enum WriterMetrics {
    /// - Parameters:
    ///   - name: names a server.
    ///   - now: until when an outage lasts that is not over.
    static func text(_ account: Account, name: (String) -> String, now: Moment) -> MetricsText {
        var text = MetricsText()
        let counts = account.counts
        text.add(
            .counter,
            "handover_writer_ops_total",
            "Attempts to write by what was known when they ended; info is unknown.",
            [
                .init(counts.ok, ["outcome": "ok"]), .init(counts.fail, ["outcome": "fail"]),
                .init(counts.info, ["outcome": "info"]),
            ]
        )
        text.add(
            .counter,
            "handover_writer_settled_total",
            "Attempts of unknown outcome that were settled, by whether they happened.",
            [.init(counts.settledOk, ["result": "ok"]), .init(counts.settledFail, ["result": "fail"])]
        )
        text.add(
            .counter,
            "handover_writer_observed_total",
            "Rows that held another value than the last acknowledged one.",
            counts.observed
        )
        text.add(
            .counter,
            "handover_writer_connects_total",
            "Tries to connect to a server that accepts writes.",
            [.init(counts.connected, ["result": "ok"]), .init(counts.connectFailed, ["result": "fail"])]
        )
        text.add(
            .counter,
            "handover_writer_attempts_total",
            "Attempts that failed or stayed unknown and tries to connect that failed, by SQLSTATE or cause.",
            account.causes.sorted { $0.key < $1.key }.map { .init($0.value, ["sqlstate": $0.key]) }
        )
        text.add(
            "handover_writer_latency_seconds",
            "Of acknowledged writes, from the moment at which the schedule wanted them.",
            account.intendedBuckets
        )
        text.add(
            "handover_writer_service_seconds",
            "Of acknowledged writes, from the begin of the attempt.",
            account.serviceBuckets
        )
        if let leader = account.leader {
            text.add(
                .gauge,
                "handover_writer_connected",
                "Constant 1; the labels say where the last write was acknowledged.",
                [.init(1, ["node": name(leader.node), "timeline": "\(leader.timeline)"])]
            )
        }
        addOutages(account, now: now, to: &text)
        text.add(
            .gauge,
            "handover_build_info",
            "Constant 1; the labels say what runs.",
            [.init(1, ["program": "writer"])]
        )
        return text
    }

    private static func addOutages(_ account: Account, now: Moment, to text: inout MetricsText) {
        let ongoing = account.ongoingOutage(at: now)
        text.add(.counter, "handover_writer_outages_total", "Outages that are over.", account.outages.count)
        let length = (ongoing ?? account.outages.last)?.length ?? 0
        text.add(
            .gauge,
            "handover_writer_outage_seconds",
            "Length of the outage that lasts, else of the last one; 0 before the first.",
            [.init(Double(length) / 1e9)]
        )
        text.add(
            .gauge,
            "handover_writer_in_outage",
            "Whether no write is acknowledged now although one is due.",
            ongoing == nil ? 0 : 1
        )
    }
}
