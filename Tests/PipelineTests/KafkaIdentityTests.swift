import Foundation
import Kafka
import Model
import Testing

/// What an offset alone does not say: which log it belongs to, and what compaction took after it.
extension PipelineTests {
    /// In front of the stored offset is a marker, in the old log as in the new one: no record there tells them apart.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a topic that was made anew is known by its id where no record tells`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_identity",
            tables: "create table kafka_identity (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_identity") }
        let write = """
            def write(ids, name):
                producer = Producer({"bootstrap.servers": brokers, "transactional.id": name})
                producer.init_transactions()
                for i in ids:
                    producer.begin_transaction()
                    producer.produce(topic, partition=0, key='{"id": %d}' % i, value='{"id": %d, "v": 1}' % i)
                    producer.commit_transaction()

            """
        try lab.kafka(write + "write([1], 'kafka-identity-1')", topic: own.name)
        try await own.apply(2)
        let stored = "select topic_id, leader_epoch from handover.sink_progress where sink = '\(own.sink)'"
        #expect(try own.query(stored).contains("|"))
        try lab.kafka(
            write + """
                import time
                from confluent_kafka.admin import NewTopic
                admin = AdminClient({"bootstrap.servers": brokers})
                admin.delete_topics([topic])[topic].result(20)
                time.sleep(3)
                admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(20)
                time.sleep(2)
                write([7, 8, 9], 'kafka-identity-2')
                """,
            topic: own.name
        )
        try await own.stops(saying: "the log is not the one that the stored offset belongs to", "topic id")
        #expect(try own.query("select count(*) from kafka_identity") == "1")
        // Whoever has looked chooses.
        #expect(try own.run("reset", try own.file(), "--to", "earliest", "--yes").code == 0)
        try await own.apply(6)
        #expect(
            try own.query("select string_agg(id::text, ' ' order by id) from kafka_identity") == "1 7 8 9"
        )
    }

    /// A row whose tombstone was compacted away while the sink was down would stay for ever.
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `a sink that was down for longer than tombstones are kept stops, and names the ways out`()
        async throws
    {
        let topic = "kafka_tombstones"
        try lab.kafka(
            """
            from confluent_kafka.admin import NewTopic
            admin = AdminClient({"bootstrap.servers": brokers})
            config = {
                "cleanup.policy": "compact", "delete.retention.ms": "20000", "segment.ms": "500",
                "min.cleanable.dirty.ratio": "0.001",
            }
            admin.create_topics([NewTopic(topic, 1, 1, config=config)])[topic].result(20)
            """,
            topic: topic
        )
        let own = try TopicSink(
            lab,
            topic,
            tables: "create table kafka_tombstones (id int primary key, v int)",
            properties: ["delete.enabled": "true"]
        )
        defer { _ = try? own.query("drop table kafka_tombstones") }
        try own.produce([record(1), record(2)])
        try await own.apply(2)
        // The tombstone of row 1, and later records until compaction has forgotten it.
        try lab.kafka(
            """
            import time
            producer = Producer({"bootstrap.servers": brokers})
            producer.produce(topic, partition=0, key='{"id":1}', value=None)
            producer.flush()
            end = time.time() + 150
            keys = {'{"id":1}'}
            while '{"id":1}' in keys:
                assert time.time() < end, keys
                producer.produce(topic, partition=0, key='{"id":3}', value='{"id":3,"v":3}')
                producer.flush()
                time.sleep(1)
                consumer = Consumer({
                    "bootstrap.servers": brokers, "group.id": "kafka-tombstones-look", "enable.partition.eof": True,
                })
                consumer.assign([TopicPartition(topic, 0, 0)])
                keys = set()
                while (message := consumer.poll(20)) is not None and not message.error():
                    keys.add(message.key().decode())
                consumer.close()
            """,
            topic: topic
        )
        try await own.stops(
            saying: "deletes may be gone",
            "delete.retention.ms",
            "sink reset FILE --topic kafka_tombstones --to earliest"
        )
        #expect(try own.query("select count(*) from kafka_tombstones") == "2")
        // Accepted as it is.
        let place = ["--topic", topic, "--partition", "0"]
        let reset = try own.run(
            "reset",
            try own.file(),
            place[0],
            place[1],
            place[2],
            place[3],
            "--to",
            "2",
            "--yes"
        )
        #expect(reset.code == 0, "\(reset.output)")
        try await own.apply(3)
        #expect(try own.query("select count(*) from kafka_tombstones where id = 3") == "1")
    }

    private func record(_ id: Int) -> (key: String, value: String?) {
        (#"{"id":\#(id)}"#, #"{"id":\#(id),"v":\#(id)}"#)
    }
}
