import Foundation
import Testing

extension PipelineTests {
    private struct Reach: Decodable {
        struct Partition: Decodable {
            let partition: Int32
            let records_behind: Int?
            let lag_seconds: Double?
            let leader_away_seconds: Double?
        }

        struct Task: Decodable {
            let partitions: [Partition]
        }

        let tasks: [Task]
    }

    /// One of three brokers stands still, and it alone has one of the partitions.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a sink that can't reach the leader of a partition is not ready, and its lag there is unknown`()
        async throws
    {
        let own = try TopicSink(
            lab,
            "kafka_reach",
            partitionCount: 3,
            tables: "create table kafka_reach (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_reach") }
        for partition in Int32(0)..<3 { try own.produce([row(Int(partition))], partition: partition) }
        // Heartbeats wait for the replicas of the group's offsets, one of which stands still until it is fenced (9 s).
        let group: [String: String?] = [
            "consumer.override.group.id": "kafka-reach", "consumer.override.session.timeout.ms": "30000",
        ]
        let sink = try own.start(group, arguments: ["--listen", "127.0.0.1:0"])
        defer { sink.discard() }
        let url = "http://127.0.0.1:\(try await sink.answers())"
        try await sink.until("all is applied", within: .seconds(60)) {
            try reach(own, url).count { $0.records_behind == 0 } == 3
        }
        #expect(try answer(url + "/health").hasSuffix(" 200"))

        // One without its coordinator would lose all of its partitions.
        let broker = try lab.kafka(
            """
            admin = AdminClient({"bootstrap.servers": brokers})
            group = admin.describe_consumer_groups(["kafka-reach"])["kafka-reach"].result()
            print(f"kafka{next(each for each in (1, 2, 3) if each != group.coordinator.id)}")
            """,
            topic: own.name
        )
        try lab.verb("pause", broker)
        defer { _ = try? lab.verb("resume", broker) }
        try await sink.until("the sink is not ready", within: .seconds(30)) {
            try answer(url + "/health").hasSuffix(" 503")
        }
        let partitions = try reach(own, url)
        let away = try #require(partitions.first { $0.leader_away_seconds != nil })
        #expect(partitions.count { $0.leader_away_seconds != nil } == 1)
        #expect(away.records_behind == nil)
        #expect(away.lag_seconds ?? 0 > 1)
        let name = "kafka_reach[\(away.partition)]"
        #expect(try answer(url + "/health").contains(name))
        let labels = #"{topic="kafka_reach",partition="\#(away.partition)"}"#
        let metrics = try answer(url + "/metrics")
        #expect(metrics.contains("handover_sink_ready 0"))
        #expect(!metrics.contains("handover_sink_consumer_lag_records\(labels)"))
        #expect(!metrics.contains("handover_sink_leader_away_seconds\(labels) 0\n"))
        // The others go on meanwhile.
        let other = (away.partition + 1) % 3
        try own.produce([row(10)], partition: other)
        try await sink.until("another partition goes on", within: .seconds(20)) {
            try own.query("select count(*) from kafka_reach") == "4"
        }

        try lab.verb("resume", broker)
        try await sink.until("the sink is ready again", within: .seconds(60)) {
            try answer(url + "/health").hasSuffix(" 200")
                && reach(own, url).count { $0.records_behind == 0 } == 3
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }

    private func row(_ id: Int) -> (key: String, value: String?) {
        (#"{"id":\#(id)}"#, #"{"id":\#(id),"v":1}"#)
    }

    private func reach(_ own: TopicSink, _ url: String) throws -> [Reach.Partition] {
        let text = try own.run("status", "--url", url, "--format", "json").output
        return try JSONDecoder().decode(Reach.self, from: Data(text.utf8)).tasks.flatMap(\.partitions)
    }

    /// A document, a blank and the status.
    private func answer(_ url: String) throws -> String {
        try Command.run("/usr/bin/curl", ["-s", "-w", " %{http_code}", url], environment: [:], isQuiet: true)
            .output
    }
}
