import Foundation
import Testing

extension PipelineTests {
    /// Two tries make two seconds; the parent comes later.
    ///
    /// One that never comes is told after them.
    @Test func `an early child waits while its parent's topic gets on, and no longer`() async throws {
        let names = ["early_parent", "early_child"]
        let properties: [String: String?] = [
            "topics": names.joined(separator: ","), "collection.name.format": "${topic}",
            "primary.key.mode": "record_key", "primary.key.fields": "id", "insert.mode": "upsert",
            "batch.size": "1",
            // Few at a time: the child is handed out long before the last parent.
            "consumer.override.max.partition.fetch.bytes": "10000",
            "flush.max.retries": "2", "flush.retry.delay.ms": "1000", "errors.tolerance": "none",
            "errors.deadletterqueue.topic.name": nil,
        ]
        let parents = try TopicSink(
            lab,
            names[0],
            tables: "create table early_parent (id int primary key, note text)"
        )
        let children = try TopicSink(
            lab,
            names[1],
            tables: "create table early_child (id int primary key, parent int references early_parent)",
            properties: properties
        )
        func record(_ id: Int, _ rest: String) -> (key: String, value: String?) {
            (#"{"id":\#(id)}"#, #"{"op":"c","before":null,"after":{"id":\#(id),\#(rest)},"source":{}}"#)
        }
        let count = 2_000
        try children.produce([record(1, #""parent":\#(count)"#)])
        for first in stride(from: 1, through: count, by: 100) {
            try parents.produce((first..<first + 100).map { record($0, #""note":"n""#) })
        }
        let sink = try children.start()
        defer { sink.discard() }
        try await sink.says("a row waits for rows of other topics", within: .seconds(60))
        try await sink.says("the rows of other topics have come", within: .seconds(240))
        #expect(try children.query("select id, parent from early_child") == "1|\(count)")

        try children.produce([record(2, #""parent":0"#)])
        #expect(try await sink.ends(within: .seconds(60)) == .exit(1), "\(sink.text.suffix(2_000))")
        #expect(sink.text.contains("early_child_parent_fkey"), "\(sink.text.suffix(2_000))")
        try children.query("drop table early_child, early_parent")
    }
}
