import Foundation
import Kafka
import Testing

/// Records as Kafka's own producers write them: compressed, and large.
extension PipelineTests {
    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `each compression of Kafka's own producer is read`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_codecs",
            tables: "create table kafka_codecs (id int primary key, v text)"
        )
        defer { _ = try? own.query("drop table kafka_codecs") }
        let codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
        // One Java for each: they differ in what they write, not only in the name.
        let script = """
            java=$(ls /usr/lib/jvm/java-17-openjdk-*/bin/java | head -1)
            seq "$1" "$(($1 + 999))" | sed 's/.*/{"id":&}|{"id":&,"v":"a text that repeats, a text that repeats"}/' |
                "$java" -XX:+UseSerialGC -Xmx64m -Dlog4j2.level=OFF -cp "$KAFKA_HOME/libs/*" \
                org.apache.kafka.tools.ConsoleProducer --bootstrap-server "$2" --topic "$3" \
                --compression-codec "$4" --reader-property parse.key=true --reader-property 'key.separator=|'
            """
        let brokers = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        for (index, codec) in codecs.enumerated() {
            let produced = try Command.run(
                "/bin/bash",
                ["-euc", script, "bash", "\(index * 1_000)", brokers, own.name, codec],
                environment: lab.environment
            )
            try #require(produced.code == 0, "\(codec): \(produced.output)")
        }
        try await own.apply(codecs.count * 1_000)
        #expect(
            try own.query("select count(*), count(distinct v), min(id), max(id) from kafka_codecs")
                == "5000|1|0|4999"
        )
    }

    @Test(.enabled(if: Lab.hasKafka, "KAFKA_HOME names no distribution"))
    func `records of 10 MB arrive as they are set up, and a limit below them is named`() async throws {
        let own = try TopicSink(
            lab,
            "kafka_large",
            tables: "create table kafka_large (id int primary key, v text)"
        )
        defer { _ = try? own.query("drop table kafka_large") }
        try lab.kafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "message.max.bytes": 12000000})
            for i in range(4):
                value = '{"id": %d, "v": "%s"}' % (i, "x" * (10 * 1024 * 1024 if i != 1 else 5))
                producer.produce(topic, partition=0, key='{"id": %d}' % i, value=value)
                assert producer.flush(30) == 0
            """,
            topic: own.name
        )
        // Whoever lowers both has said that such records must not come.
        let small: [String: String?] = [
            "consumer.override.fetch.max.bytes": "1000000",
            "consumer.override.fetch.message.max.bytes": "1000000",
            "consumer.override.receive.message.max.bytes": "2000000",
        ]
        try await own.stops(small, saying: "give consumer.override.receive.message.max.bytes")
        #expect(try own.query("select count(*) from kafka_large") == "0")
        // A fetch brings a record that is larger than it may be; so does a batch.
        try await own.apply(
            4,
            ["consumer.override.max.partition.fetch.bytes": "65536", "batch.max.bytes": "1048576"]
        )
        #expect(
            try own.query("select count(*), sum(length(v)) from kafka_large")
                == "4|\(3 * 10 * 1_024 * 1_024 + 5)"
        )
    }
}
