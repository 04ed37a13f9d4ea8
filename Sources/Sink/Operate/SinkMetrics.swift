import Kafka
import Telemetry

/// The sink's metrics, from its status and what its lanes have counted.
enum SinkMetrics {
    static func text(_ status: SinkStatus, _ statistics: LaneStatistics) -> MetricsText {
        var text = MetricsText()
        addCounters(statistics, to: &text)
        addPartitions(status, to: &text)
        addState(status, to: &text)
        text.add(
            .gauge,
            "handover_build_info",
            "Constant 1; the labels say what runs.",
            [
                .init(
                    1,
                    ["program": "sink", "name": status.name, "librdkafka": ClientLibrary.loaded.description]
                )
            ]
        )
        return text
    }

    private static func addCounters(_ statistics: LaneStatistics, to text: inout MetricsText) {
        let totals = statistics.totals
        text.add(
            .counter,
            "handover_sink_events_total",
            "Change events by what they did at the source and what became of them.",
            EventKind.allCases.map { .init(totals.applied[$0], ["op": $0.rawValue, "result": "applied"]) }
                + [
                    .init(totals.ignored, ["op": "other", "result": "ignored"]),
                    .init(statistics.deadLetterCount, ["op": "other", "result": "dead_letter"]),
                    .init(statistics.skippedCount, ["op": "other", "result": "skipped"]),
                ]
        )
        text.add(
            .counter,
            "handover_sink_transactions_total",
            "Transactions committed at the destination.",
            statistics.batchCount
        )
        text.add("handover_sink_batch_size_events", "Records in a transaction.", totals.batchSizes)
        text.add(
            "handover_sink_apply_seconds",
            "From the first statement of a transaction to the last answer, whatever it was.",
            totals.applyTimes
        )
        text.add(
            .counter,
            "handover_sink_retries_total",
            "Waits before something was tried again, by SQLSTATE class; none where the server gave no answer.",
            totals.retries.sorted { $0.key < $1.key }.map { .init($0.value, ["sqlstate_class": $0.key]) }
        )
        text.add(
            .counter,
            "handover_sink_destination_lost_total",
            "Times that a lane lost the destination.",
            statistics.reconnectCount
        )
        text.add(
            .counter,
            "handover_sink_rebalances_total",
            "Assignments and revocations by the consumer group.",
            totals.rebalances
        )
        text.add(
            .counter,
            "handover_sink_broker_errors_total",
            "Errors of connections to brokers.",
            totals.brokerErrors
        )
    }

    private static func addPartitions(_ status: SinkStatus, to text: inout MetricsText) {
        func samples(_ value: (SinkStatus.Partition) -> Double?) -> [MetricsText.Sample] {
            status.partitions.compactMap { partition in
                value(partition).map {
                    .init($0, ["topic": partition.topic, "partition": "\(partition.partition)"])
                }
            }
        }
        text.add(
            .gauge,
            "handover_sink_consumer_lag_records",
            "Records in the partition that are not applied.",
            samples { $0.recordsBehind.map(Double.init) }
        )
        text.add(
            .gauge,
            "handover_sink_consumer_lag_seconds",
            "Age of the oldest record that is not applied; 0 when all are. Absent until the end is known.",
            samples { $0.lagSeconds }
        )
        text.add(
            .gauge,
            "handover_sink_leader_away_seconds",
            "Seconds for which a partition's leader has not answered; 0 while it does.",
            samples { $0.leaderAwaySeconds ?? 0 }
        )
        text.add(
            .gauge,
            "handover_sink_next_offset",
            "Offset of the first record that is not applied.",
            samples { Double($0.nextOffset) }
        )
        text.add(
            .gauge,
            "handover_sink_assigned_partitions",
            "Partitions that this process has.",
            status.partitions.count
        )
    }

    private static func addState(_ status: SinkStatus, to text: inout MetricsText) {
        let health = SinkHealth(status)
        text.add(
            .gauge,
            "handover_sink_ready",
            "1 when changes arrive or a pause was ordered; 0 when /health says why not.",
            health.unreadyReasons.isEmpty ? 1 : 0
        )
        text.add(
            .gauge,
            "handover_sink_paused",
            "1 when a pause was ordered.",
            status.connector.state == .paused ? 1 : 0
        )
        text.add(
            .gauge,
            "handover_sink_lane_state",
            "1 for the state that a lane is in.",
            status.tasks.map { .init(1, ["lane": "\($0.id)", "state": $0.state.rawValue]) }
        )
        text.add(.counter, "handover_sink_restarts_total", "Restarts by order.", status.restarts)
    }
}
