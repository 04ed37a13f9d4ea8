import Foundation
import Kafka
import Model
import Testing

/// What a log of Apache Kafka has and the broker in memory does not: transactions, and offsets without a record.
extension PipelineTests {
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `offsets without a record are passed, and what retention takes of them is no loss`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_log",
            tables: "create table kafka_log (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_log") }
        // Three records and a marker, two that are aborted and a marker.
        try lab.kafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "transactional.id": "kafka-log"})
            producer.init_transactions()
            def send(ids, v):
                producer.begin_transaction()
                for i in ids:
                    producer.produce(topic, partition=0, key='{"id": %d}' % i, value='{"id": %d, "v": %d}' % (i, v))
                producer.flush()
            send([1, 2, 3], 1)
            producer.commit_transaction()
            send([1, 4], 2)
            producer.abort_transaction()
            """,
            topic: own.name
        )
        let group = ["consumer.override.group.id": "kafka-log-group"] as [String: String?]
        let sink = try own.start(group, arguments: ["--listen", "127.0.0.1:0"])
        defer { sink.discard() }
        try await sink.until("everything is passed", within: .seconds(40)) { try own.applied() == 7 }
        let rows = "select string_agg(id || ' ' || v, ', ' order by id) from kafka_log"
        #expect(try own.query(rows) == "1 1, 2 1, 3 1")
        #expect(
            try own.query(
                "select events, last_offset from handover.sink_progress where sink = '\(own.sink)'"
            ) == "3|6"
        )
        let url = "http://127.0.0.1:\(try await sink.answers())"
        try await sink.until("nothing waits", within: .seconds(10)) {
            try own.run("status", "--url", url, "--format", "json").output.filter { !$0.isWhitespace }
                .contains(#""records_behind":0"#)
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
        #expect(try committed(own.name, "kafka-log-group") == "7")

        // Retention takes everything: nothing of it is missing.
        try lab.kafka(
            """
            [future] = admin.delete_records([TopicPartition(topic, 0, 7)]).values()
            future.result(20)
            """,
            topic: own.name
        )
        try own.produce([(#"{"id":5}"#, #"{"id":5,"v":5}"#)])
        try await own.apply(8, group)
        #expect(try own.query("select v from kafka_log where id = 5") == "5")
    }

    @Test func `a sink begins where the group is that it takes over`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_group",
            tables: "create table kafka_group (id int primary key, v int)"
        )
        defer { _ = try? own.query("drop table kafka_group") }
        try own.produce((0..<10).map { (#"{"id":\#($0)}"#, #"{"id":\#($0),"v":1}"#) })
        // As Kafka Connect's sink leaves it.
        try lab.kafka(
            """
            consumer = Consumer({"bootstrap.servers": brokers, "group.id": "kafka-group-theirs"})
            consumer.commit(offsets=[TopicPartition(topic, 0, 6)], asynchronous=False)
            consumer.close()
            """,
            topic: own.name
        )
        try await own.apply(10, ["consumer.override.group.id": "kafka-group-theirs"])
        #expect(try own.query("select string_agg(id::text, ' ' order by id) from kafka_group") == "6 7 8 9")

        // The broker in memory does not keep the note by which a sink knows what it committed itself.
        guard Lab.hasKafka else { return }
        // That proves nothing to a destination that knows nothing.
        try own.query("delete from handover.sink_progress where sink = '\(own.sink)'; truncate kafka_group")
        try await own.apply(10, ["consumer.override.group.id": "kafka-group-theirs"])
        #expect(try own.query("select count(*) from kafka_group") == "10")
    }

    private func committed(_ topic: String, _ group: String) throws -> String {
        try lab.kafka(
            """
            consumer = Consumer({"bootstrap.servers": brokers, "group.id": "\(group)"})
            print(consumer.committed([TopicPartition(topic, 0)], timeout=20)[0].offset)
            consumer.close()
            """,
            topic: topic
        )
    }
}
