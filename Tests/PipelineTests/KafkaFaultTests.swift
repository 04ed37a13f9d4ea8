import Foundation
import Kafka
import Model
import Testing

/// What brokers of Apache Kafka do to a log and to a group.
extension PipelineTests {
    private static let inserts: [String: String?] = [
        "insert.mode": "insert", "primary.key.mode": "none", "delete.enabled": "false",
    ]

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `compaction takes old values, also that in front of the offset, and deletes arrive`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_compact",
            tables: "create table kafka_compact (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_compact") }
        try lab.kafka(
            """
            resource = ConfigResource(ConfigResource.Type.TOPIC, topic, set_config={
                "cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.01"})
            [done] = admin.alter_configs([resource]).values()
            done.result(20)
            """,
            topic: own.name
        )
        func produce(_ value: Int, _ ids: Range<Int>, deleting deleted: Int? = nil) throws {
            try own.produce(
                ids.map { id in
                    (#"{"id":\#(id)}"#, id == deleted ? nil : #"{"id":\#(id),"v":\#(value)}"#)
                }
            )
        }
        try produce(1, 0..<10)
        try await own.apply(10)
        for value in 2...4 { try produce(value, 0..<10, deleting: value == 4 ? 3 : nil) }
        // Only what lies in front of the newest segment is compacted.
        try await Task.sleep(for: .milliseconds(300))
        try produce(5, 10..<11)
        let count = """
            consumer = Consumer({"bootstrap.servers": brokers, "group.id": "kafka-compact-look",
                "enable.auto.commit": False, "enable.partition.eof": True})
            consumer.assign([TopicPartition(topic, 0, 0)])
            offsets = []
            while (message := consumer.poll(10)) is not None and message.error() is None:
                offsets.append(message.offset())
            print(len(offsets), 9 in offsets)
            """
        try await lab.until("the log is compacted", within: .seconds(30)) {
            try lab.kafka(count, topic: own.name) == "11 False"
        }
        try await own.apply(41)
        #expect(
            try own.query("select string_agg(id || ' ' || v, ', ' order by id) from kafka_compact")
                == "0 4, 1 4, 2 4, 4 4, 5 4, 6 4, 7 4, 8 4, 9 4, 10 5"
        )
    }

    /// Kafka calls an election unclean whose winner lacks acknowledged records: they are gone from the log.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a log that an unclean election cut stops the sink, which skips and doubles nothing`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_unclean",
            tables: "create table kafka_unclean (id int, v int)",
            properties: Self.inserts
        )
        defer { _ = try? own.query("drop table kafka_unclean") }
        try lab.kafka(
            """
            remake(1, replica_assignment=[[1, 2]],
                config={"min.insync.replicas": "1", "unclean.leader.election.enable": "true"})
            """,
            topic: own.name
        )
        defer { for broker in ["kafka1", "kafka2"] { _ = try? lab.verb("start", broker) } }
        func insert(_ ids: Range<Int>) throws {
            try own.produce(ids.map { (#"{"id":\#($0)}"#, #"{"id":\#($0),"v":1}"#) })
        }
        let sink = try own.start()
        defer { sink.discard() }
        try insert(0..<10)
        try lab.verb("stop", "kafka2")
        try insert(10..<30)
        try await sink.until("all is applied", within: .seconds(20)) { try own.applied() == 30 }
        // Nobody has 10 to 29 any more; what comes then takes their offsets, and more.
        try lab.verb("kill", "kafka1")
        try lab.verb("start", "kafka2")
        try insert(100..<160)
        #expect(try await sink.ends(within: .seconds(30)) == .exit(1))
        #expect(sink.text.contains("sink reset FILE"), "\(sink.text)")
        try lab.verb("start", "kafka1")
        // Nor does a start go on in the middle of the other log.
        try await own.stops(saying: "the record there is not the one that was applied", "sink reset FILE")
        let rows = "select count(*), count(distinct id), max(id) from kafka_unclean"
        #expect(try own.query(rows) == "30|30|29")
        try expectReset(own, to: "10")
        try await own.apply(70, Self.inserts)
        #expect(try own.query(rows) == "90|90|159")
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a topic made anew under a sink stops it, whether it is shorter or longer`() async throws {
        for (name, count) in [("kafka_anew_short", 5), ("kafka_anew_long", 50)] {
            let own = try TopicSink(
                lab,
                name,
                tables: "create table \(name) (id int, v int)",
                properties: Self.inserts
            )
            defer { _ = try? own.query("drop table \(name)") }
            let sink = try own.start()
            defer { sink.discard() }
            try own.produce((0..<20).map { (#"{"id":\#($0)}"#, #"{"id":\#($0),"v":1}"#) })
            try await sink.until("all is applied", within: .seconds(20)) { try own.applied() == 20 }
            // Asleep, it cannot see the topic while that is empty.
            sink.send(SIGSTOP)
            try lab.kafka(
                """
                remake(1, 3)
                producer = Producer({"bootstrap.servers": brokers})
                for i in range(\(count)):
                    producer.produce(topic, partition=0, key='{"id": %d}' % i, value='{"id": %d, "v": 2}' % i)
                assert producer.flush(20) == 0
                """,
                topic: own.name
            )
            try await Task.sleep(for: .seconds(2))
            sink.send(SIGCONT)
            #expect(try await sink.ends(within: .seconds(30)) == .exit(1), "\(sink.text)")
            #expect(sink.text.contains("sink reset FILE"), "\(sink.text)")
            #expect(try own.query("select count(*), sum(v) from \(name)") == "20|20")
            #expect(try own.applied() == 20)
        }
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `the group's coordinator dies and partitions come under load, and each record arrives once`()
        async throws
    {
        let own = try TopicSink(
            lab,
            "kafka_group_fault",
            partitionCount: 2,
            tables: "create table kafka_group_fault (id int, v int)",
            properties: Self.inserts
        )
        defer { _ = try? own.query("drop table kafka_group_fault") }
        // Each record on three brokers.
        try lab.kafka(
            "remake(2, 3)",
            topic: own.name
        )
        let group = "kafka-group-fault"
        let sink = try own.start(["consumer.override.group.id": group])
        defer { sink.discard() }
        let load = try lab.startKafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "log_level": 0,
                "topic.metadata.refresh.interval.ms": 500})
            end, i = time.monotonic() + 14, 0
            while time.monotonic() < end:
                # To the partitions that come, too.
                parts = len(producer.list_topics(topic, timeout=20).topics[topic].partitions) if i % 100 == 0 else parts
                producer.produce(topic, partition=i % parts, key='{"id": %d}' % i, value='{"id": %d, "v": 1}' % i)
                producer.poll(0.002)
                i += 1
            assert producer.flush(60) == 0
            print(i, parts)
            """,
            topic: own.name,
            log: "kafka_group_fault"
        )
        defer { load.discard() }
        try await sink.until("records are applied", within: .seconds(20)) { try own.applied() > 200 }
        let coordinator = try lab.kafka(
            """
            print("kafka%d" % admin.describe_consumer_groups(["\(group)"])["\(group)"].result(20).coordinator.id)
            """,
            topic: own.name
        )
        try lab.verb("kill", coordinator)
        defer { _ = try? lab.verb("start", coordinator) }
        try lab.kafka(
            """
            [done] = admin.create_partitions([NewPartitions(topic, 4)]).values()
            done.result(20)
            """,
            topic: own.name
        )
        #expect(try await load.ends(within: .seconds(60)) == .exit(0), "\(load.text)")
        let told = load.text.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
        try #require(told.count == 2 && told[1] == 4, "\(load.text)")
        try await sink.until("all is applied", within: .seconds(40)) { try own.applied() == told[0] }
        #expect(
            try own.query("select count(*), count(distinct id) from kafka_group_fault")
                == "\(told[0])|\(told[0])"
        )
        #expect(sink.text.contains("\(own.name)[3]@0"), "\(sink.text)")
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }

    private func expectReset(_ own: TopicSink, to offset: String) throws {
        let file = try own.file(Self.inserts)
        let reset = try own.run(
            "reset",
            file,
            "--topic",
            own.name,
            "--partition",
            "0",
            "--to",
            offset,
            "--yes"
        )
        #expect(reset.code == 0, "\(reset.output)")
    }
}
