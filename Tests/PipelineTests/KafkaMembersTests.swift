import Foundation
import Kafka
import Testing

/// Members of a group that the brokers assign to (KIP-848), and members with a name of their own (KIP-345).
extension PipelineTests {
    private struct Members {
        let own: TopicSink
        let group: String
        private let load: StartedProgram

        /// Four partitions under load, into a table where a record that is applied twice stands twice.
        init(_ lab: Lab, _ name: String, seconds: Int, _ properties: [String: String?]) throws {
            group = "\(name)-group"
            let fixed: [String: String?] = [
                "insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false",
                "consumer.override.group.id": group,
            ]
            own = try TopicSink(
                lab,
                name,
                partitionCount: 4,
                tables: "create table \(name) (id int, v int)",
                properties: fixed.merging(properties) { $1 }
            )
            load = try lab.startKafka(
                """
                producer = Producer({"bootstrap.servers": brokers, "log_level": 0})
                end, i = time.monotonic() + \(seconds), 0
                while time.monotonic() < end:
                    producer.produce(topic, partition=i % 4, key='{"id": %d}' % i, value='{"id": %d, "v": 1}' % i)
                    producer.poll(0.002)
                    i += 1
                assert producer.flush(60) == 0
                print(i)
                """,
                topic: name,
                log: name
            )
        }

        /// Starts a sink beside the others, under a name of its own in the group where it gets one.
        func start(_ log: String, _ changes: [String: String?] = [:]) throws -> StartedProgram {
            try own.start("run", file: try own.file(changes, as: log), log: log)
        }

        func expectApplied(more count: Int, by programs: [StartedProgram], within limit: Duration)
            async throws
        {
            let before = try own.applied()
            for program in programs { #expect(program.end == nil, "\(program.text.suffix(1_000))") }
            try await programs[0].until("\(count) more records are applied", within: limit) {
                try own.applied() >= before + count
            }
        }

        /// Expects that each record that was produced is there once.
        func expectAll(by programs: [StartedProgram]) async throws {
            #expect(try await load.ends(within: .seconds(60)) == .exit(0), "\(load.text)")
            let count = try #require(Int(load.text.trimmingCharacters(in: .whitespacesAndNewlines)))
            try await programs[0].until("all \(count) records are applied", within: .seconds(30)) {
                try own.applied() == count
            }
            let rows = "select count(*), count(distinct id) from \(own.name)"
            #expect(try own.query(rows) == "\(count)|\(count)")
            for program in programs {
                #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
            }
        }

        func discard() {
            load.discard()
            _ = try? own.query("drop table \(own.name)")
        }
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `brokers assign to two sinks, one of which is killed and started again`() async throws {
        let members = try Members(
            lab,
            "kafka_brokers_assign",
            seconds: 14,
            ["consumer.override.group.protocol": "consumer"]
        )
        defer { members.discard() }
        let first = try members.start("first")
        defer { first.discard() }
        try await first.says("partitions assigned")
        var second = try members.start("second")
        defer { second.discard() }
        try await second.says("partitions assigned")
        try await first.says("partitions revoked")
        try await members.expectApplied(more: 200, by: [first, second], within: .seconds(10))
        // Its partitions move once its session is over.
        second.discard()
        try await first.until("the other's partitions are taken on", within: .seconds(20)) {
            first.text.split(separator: "partitions revoked").last?.contains("@") == true
        }
        second = try members.start("third")
        try await second.says("partitions assigned")
        try await members.expectAll(by: [first, second])
    }

    /// With the classic protocol a static member takes the place of the one that died.
    ///
    /// With KIP-848 the brokers refuse it until the dead one's session is over, and the sink waits for that.
    @Test(
        .enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"),
        arguments: ["classic", "consumer"]
    )
    func `lanes with names of their own come back after a kill, within the session`(groupProtocol: String)
        async throws
    {
        let members = try Members(
            lab,
            "kafka_names_\(groupProtocol)",
            // With KIP-848 the lanes come back a session and several seconds after the kill.
            seconds: groupProtocol == "consumer" ? 30 : 14,
            [
                "consumer.override.group.protocol": groupProtocol, "tasks.max": "2",
                "consumer.override.group.instance.id": "one",
            ]
        )
        defer { members.discard() }
        var sink = try members.start("before")
        defer { sink.discard() }
        try await sink.says("partitions assigned")
        try await members.expectApplied(more: 200, by: [sink], within: .seconds(10))
        sink.discard()
        let after = try members.start("after")
        sink = after
        for lane in 0..<2 { try await after.says("partitions assigned lane=\(lane)") }
        try await members.expectApplied(more: 200, by: [after], within: .seconds(10))
        // A second process of the same name is refused, or it waits; it takes nothing from the first.
        if groupProtocol == "consumer" {
            let other = try members.start("other")
            defer { other.discard() }
            try await other.says("still counts a member of this group.instance.id")
            #expect(after.end == nil)
            #expect(try await other.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        }
        try await members.expectAll(by: [after])
    }

    /// The member that divides the partitions looks for new ones only in topics that it reads itself; with a new topic,
    /// and a broker that has not heard of it, the same happens to its own.
    @Test(
        .enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"),
        arguments: [nil, "named"]
    )
    func `partitions that the group gives to nobody are taken on all the same`(instance: String?)
        async throws
    {
        let properties: [String: String?] = [
            "consumer.override.group.id": "kafka-nobody-\(UUID().uuidString)",
            "consumer.override.partition.assignment.strategy": "range",
        ]
        let other = "kafka_nobody\(instance ?? "")"
        func make(_ name: String) throws -> TopicSink {
            let table = "create table \(name) (id int primary key, v int)"
            return try TopicSink(lab, name, tables: table, properties: properties)
        }
        let (leader, own) = (try make("\(other)_leads"), try make(other))
        defer { for sink in [leader, own] { _ = try? sink.query("drop table \(sink.name)") } }
        let first = try leader.start()
        defer { first.discard() }
        try await first.says("partitions assigned")
        let second = try own.start(["consumer.override.group.instance.id": instance])
        defer { second.discard() }
        try await second.says("partitions assigned")
        try lab.kafka(
            """
            [done] = admin.create_partitions([NewPartitions(topic, 3)]).values()
            done.result(20)
            """,
            topic: other
        )
        try await second.says("no member of the group was given some partitions")
        for partition in Int32(0)..<3 {
            try own.produce(
                [("{\"id\":\(partition)}", "{\"id\":\(partition),\"v\":1}")],
                partition: partition
            )
        }
        try await second.until("all is applied", within: .seconds(30)) { try own.applied() == 3 }
        for program in [first, second] {
            #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        }
    }
}
