import Telemetry

/// A watched pipeline in Prometheus' words.
enum WatchMetrics {
    static func text(_ snapshot: WatchSnapshot) -> MetricsText {
        var text = MetricsText()
        text.add(
            .gauge,
            "handover_watch_state",
            "1 for the state that the pipeline is in.",
            PipelineState.allCases.map {
                .init($0 == snapshot.condition.state ? 1 : 0, ["state": $0.rawValue])
            }
        )
        addLags(snapshot, &text)
        addPlaces(snapshot, &text)
        if let still = snapshot.condition.still {
            text.add(
                .gauge,
                "handover_watch_still_seconds",
                "For how long nothing came through.",
                [.init(Double(still) / 1e6)]
            )
        }
        if snapshot.rows.divergence.isKnown {
            text.add(
                .gauge,
                "handover_watch_divergent_rows",
                "Rows that differ for longer than the lag explains.",
                DivergenceTracker.Kind.allCases.map {
                    .init(snapshot.rows.divergence.rows[$0.rawValue] ?? 0, ["kind": $0.rawValue])
                }
            )
            text.add(
                .gauge,
                "handover_watch_maybe_divergent_rows",
                "Rows that differ and may only be on their way.",
                snapshot.rows.divergence.maybe
            )
        }
        text.add(.gauge, "handover_watch_rewound_rows", "Rows that went back.", snapshot.rows.rewoundRows)
        if let leader = snapshot.surroundings.leader {
            let timeline =
                leader.timeline.map { [MetricsText.Sample(Double($0), ["leader": leader.name])] } ?? []
            text.add(.gauge, "handover_watch_timeline", "The leader's timeline.", timeline)
        }
        text.add(
            .gauge,
            "handover_watch_part_running",
            "Whether a connector, task or sink runs.",
            snapshot.surroundings.parts.map { .init($0.state == "RUNNING" ? 1 : 0, ["part": $0.name]) }
        )
        return text
    }

    private static func addLags(_ snapshot: WatchSnapshot, _ text: inout MetricsText) {
        let stages = [
            ("end_to_end", snapshot.stages.endToEnd.stage), ("capture", snapshot.stages.capture),
            ("apply", snapshot.stages.apply),
        ]
        var quantiles: [MetricsText.Sample] = []
        var current: [MetricsText.Sample] = []
        for (name, stage) in stages {
            // Where all runs, a stage without a lag has nothing that waits; otherwise nobody knows.
            if let now = stage.current ?? (snapshot.condition.state == .ok ? 0 : nil) {
                current.append(.init(Double(now) / 1e6, ["stage": name]))
            }
            guard let window = stage.window else { continue }
            for (quantile, value) in [
                ("0.5", window.p50), ("0.9", window.p90), ("0.99", window.p99), ("1", window.max),
            ] {
                quantiles.append(.init(Double(value) / 1e6, ["stage": name, "quantile": quantile]))
            }
        }
        text.add(
            .gauge,
            "handover_watch_lag_seconds",
            "Lag of the last interval (p99) or the age of the oldest that waits, whichever is worse.",
            current
        )
        text.add(
            .gauge,
            "handover_watch_lag_window_seconds",
            "Quantiles of the lag over the window; 1 is the maximum.",
            quantiles
        )
        func gauge(_ name: String, _ help: String, _ value: Double?) {
            if let value { text.add(.gauge, name, help, [.init(value)]) }
        }
        gauge(
            "handover_watch_queue_records",
            "Records in the topic that are not applied.",
            snapshot.backlog.queueRecords.map(Double.init)
        )
        gauge(
            "handover_watch_queue_seconds",
            "The age of the oldest record that is not applied.",
            snapshot.backlog.queueRecords.map { _ in Double(snapshot.backlog.queueAge ?? 0) / 1e6 }
        )
        gauge(
            "handover_watch_source_lag_bytes",
            "The end of the source's log less the position that is applied.",
            snapshot.backlog.sourceBytes.map(Double.init)
        )
        gauge(
            "handover_watch_versions_behind",
            "Acknowledged writes that a row lacks, of the row that lacks most.",
            snapshot.backlog.versionsBehind.map(Double.init)
        )
    }

    private static func addPlaces(_ snapshot: WatchSnapshot, _ text: inout MetricsText) {
        if let slot = snapshot.flow.slot {
            let label = slot.name
            text.add(
                .gauge,
                "handover_watch_slot_present",
                "Whether the leader has the slot.",
                [.init(slot.isPresent ? 1 : 0, ["slot": label])]
            )
            text.add(
                .gauge,
                "handover_watch_slot_active",
                "Whether somebody reads the slot.",
                [.init(slot.isActive ? 1 : 0, ["slot": label])]
            )
            text.add(
                .gauge,
                "handover_watch_slot_retained_bytes",
                "Log that the source keeps for the slot.",
                slot.retainedBytes.map { [.init(Double($0), ["slot": label])] } ?? []
            )
        }
        text.add(
            .gauge,
            "handover_watch_partition_behind_records",
            "Records of a partition that are not applied.",
            snapshot.flow.partitions.compactMap { place in
                place.behind.map { .init(Double($0), ["partition": String(place.partition)]) }
            }
        )
        text.add(
            .gauge,
            "handover_watch_rate",
            "Records a second.",
            [
                ("acknowledged", snapshot.flow.rates.acknowledged),
                ("captured", snapshot.flow.rates.captured),
                ("applied", snapshot.flow.rates.applied),
            ]
            .compactMap { name, value in value.map { .init($0, ["stage": name]) } }
        )
        text.add(
            .gauge,
            "handover_watch_clock_skew_seconds",
            "A server's clock less the reader's.",
            snapshot.surroundings.clocks.map { .init(Double($0.offset) / 1e6, ["server": $0.server]) }
        )
        text.add(
            .gauge,
            "handover_watch_clock_skew_error_seconds",
            "Half of the shortest round trip: the error of the skew.",
            snapshot.surroundings.clocks.map { .init(Double($0.error) / 1e6, ["server": $0.server]) }
        )
    }
}
