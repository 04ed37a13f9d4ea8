import Foundation
import Testing

/// A source that writes its records and its offsets in transactions: `LAB_EXACTLY_ONCE_SOURCE=1`.
///
/// The other tests of the pipeline run in such a lab, too; this one shows that there are transactions.
extension PipelineTests {
    private static let isExactlyOnce = ProcessInfo.processInfo.environment["LAB_EXACTLY_ONCE_SOURCE"] == "1"

    @Test(.enabled(if: isExactlyOnce, "LAB_EXACTLY_ONCE_SOURCE is not 1"))
    func `transactions of a killed source, aborted ones and markers are passed, and the verdict stays right`()
        async throws
    {
        let side = try SidePipeline(lab, "kafka_source_once")
        defer { side.remove() }
        try await side.register()
        let sink = try side.start("sink", "run", side.sinkFile, "--listen", "127.0.0.1:0")
        defer { sink.discard() }
        let writer = try side.start("writer", "run", "--rate", "300", "--duration", "15s")
        defer { writer.discard() }
        try await sink.until("changes are applied", within: .seconds(60)) { try side.progress() > 1_500 }
        let tasks = try lab.verb("list-connectors").split(separator: "\n")
        let line = try #require(tasks.first { $0.contains("\(side.name)-connector") })
        let port = try #require(
            try lab.verb("status").split(separator: "\n").first { $0.hasPrefix("connect1 ") }?
                .split(separator: " ").last
        )
        let worker = line.contains(":\(port)") ? "connect1" : "connect2"
        try lab.verb("kill", worker)
        // What never was committed must not be applied, nor count as a change of the source.
        try lab.kafka(
            """
            producer = Producer({"bootstrap.servers": brokers, "transactional.id": "kafka-source-once-aborted"})
            producer.init_transactions()
            producer.begin_transaction()
            value = '{"op": "c", "before": null, "after": {"id": 900000, "current_value": 1}, "source": {}}'
            for partition in range(4):
                producer.produce(topic, partition=partition, key='{"id": 900000}', value=value)
            producer.flush(20)
            producer.abort_transaction(20)
            """,
            topic: side.topic
        )
        try lab.verb("start", worker)
        #expect(try await writer.ends(within: .seconds(60)) == .exit(0), "\(writer.text)")
        let verdict = try side.run("reader", "verify", "--sink", side.sink)
        #expect(verdict.code == 0, "\(verdict.output)")
        #expect(verdict.firstLine.hasPrefix("PASS"), "\(verdict.firstLine)")
        #expect(
            try side.query("destination", "select count(*) from debezium_table where id = 900000") == "0"
        )
        // Offsets that no record has: the markers, four aborted records among them.
        let counts = try lab.kafka(
            """
            consumer = Consumer({"bootstrap.servers": brokers, "group.id": "kafka-source-once-look",
                "enable.auto.commit": False, "enable.partition.eof": True})
            consumer.assign([TopicPartition(topic, each, 0) for each in range(4)])
            records, ends = 0, []
            while len(ends) < 4:
                message = consumer.poll(20)
                if message.error() is None:
                    records += 1
                else:
                    ends.append(message.offset())
            print(records, sum(ends))
            """,
            topic: side.topic
        ).split(separator: " ").compactMap { Int($0) }
        try #require(counts.count == 2)
        #expect(counts[1] - counts[0] > 20, "\(counts)")
        let url = "http://127.0.0.1:\(try await sink.answers())"
        try await sink.until("nothing waits", within: .seconds(10)) {
            try side.run("sink", "status", "--url", url, "--format", "json").output
                .filter { !$0.isWhitespace }.contains(#""records_behind":0"#)
        }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }
}
