import Foundation
import Testing

extension PipelineTests {
    /// The first record of a table needs its description: what was handed out after it waits as well.
    @Test(arguments: ["none", "all"])
    func `no record overtakes the one in hand while the destination is away`(tolerance: String) async throws {
        let name = "outage_\(tolerance)"
        let tables = ["\(name)_known", "\(name)_new"]
        let own = try TopicSink(
            lab,
            name,
            tables: tables.map { "create table \($0) (k int primary key, v int);" }.joined(),
            properties: [
                "collection.name.format": "${source.table}", "primary.key.mode": "record_key",
                "primary.key.fields": "k", "insert.mode": "upsert",
                "errors.tolerance": tolerance, "errors.deadletterqueue.topic.name": nil,
            ]
        )
        let sink = try own.start()
        defer { sink.discard() }
        func records(of table: String, _ values: ClosedRange<Int>) -> [(key: String, value: String?)] {
            values.map {
                let row = #"{"k":\#($0 % 3),"v":\#($0)}"#
                let value = #"{"op":"c","before":null,"after":\#(row),"source":{"table":"\#(table)"}}"#
                return (#"{"k":\#($0 % 3)}"#, value)
            }
        }
        try own.produce(records(of: tables[0], 1...1))
        try await sink.until("one is applied", within: .seconds(60)) { try own.applied() == 1 }
        do {
            // It finds all records at once, and no destination.
            sink.send(SIGSTOP)
            defer { _ = try? lab.verb("start", "destination") }
            try lab.verb("stop", "destination")
            try own.produce(records(of: tables[0], 2...300) + records(of: tables[1], 1...200))
            sink.send(SIGCONT)
            try await sink.says("the destination is away", within: .seconds(30))
            try await Task.sleep(for: .seconds(2))
        }
        try await sink.until("all are applied", within: .seconds(60)) { try own.applied() == 500 }
        #expect(try await sink.ends(by: SIGTERM, within: .seconds(30)) == .exit(0), "\(sink.text)")
        for (table, rows) in zip(tables, ["0=300 1=298 2=299", "0=198 1=199 2=200"]) {
            let found = "select string_agg(k || '=' || v, ' ' order by k) from \(table)"
            #expect(try own.query(found) == rows, "\(table): \(sink.text)")
            try own.query("drop table \(table)")
        }
    }
}
