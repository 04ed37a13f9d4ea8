import ChangeEvents
import Foundation
import HostileTexts
import Model
import Postgres
import Testing
import Text

extension PipelineTests {
    /// What records say as names, defaults and values, through the real sink into a table that it makes; then
    /// through a comparison and its script.
    ///
    /// Each text stands as a field's name, its default and its value; as a table's name; and as what is refused.
    @Test func `what a record says is a name or a value, never SQL`() async throws {
        let pipeline = try SidePipeline(lab, "hostile")
        defer { pipeline.remove() }
        let tables = HostileTexts.all.filter { !$0.unicodeScalars.contains(".") }
        let twins = HostileTexts.twins.flatMap { [$0.0, $0.1] }
        let refused = HostileTexts.with(".") + ["a\0b", String(repeating: "n", count: 64)]
        var records = [Self.fields(HostileTexts.all + twins, row: 1), Self.defaults(row: 2)]
        records += (tables + twins).map { Self.table($0, fields: ["v"]) }
        // A name that the server would cut must not become that of the table that has it already.
        records.append(Self.table(String(repeating: "n", count: 63), fields: ["v"]))
        records += refused.map { Self.table($0, fields: ["v"]) }
        records.append(Self.table("last", fields: ["v"]))
        try await pipeline.apply(records)

        let url = try #require(pipeline.environment["HANDOVER_ADMIN_DESTINATION_URL"])
        let connection = try pipeline.openDestination()
        func texts(_ sql: String) throws -> [String] {
            let result = try connection.execute(sql, deadline: .after(.seconds(30)))
            return (0..<result.rowCount).map { result.text($0, 0) ?? "null" }
        }
        let columns = try texts(
            "select attname from pg_attribute where attrelid = 'fields'::regclass and attnum > 0 order by attnum"
        )
        #expect(columns.map { ExactText($0) } == (["id"] + HostileTexts.all + twins).map { ExactText($0) })
        for name in HostileTexts.all + twins {
            let values = try texts("select \(quotedIdentifier(name)) from fields order by id")
            #expect(values.map { ExactText($0) } == [ExactText(name), ExactText(name)], "\(name.visible)")
        }
        let made = Set(
            try texts(
                "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
            )
            .map { ExactText($0) }
        )
        for name in tables + twins {
            #expect(made.contains(ExactText(name)), "\(name.visible)")
            #expect(try texts("select count(*) from \(quotedPath(name))") == ["1"], "\(name.visible)")
        }
        let cut = String(repeating: "n", count: 63)
        #expect(try texts("select count(*) from \(cut)") == ["1"])
        let known = (tables + twins + ["fields", "last", cut]).map { ExactText($0) }
        let own: [ExactText] = [
            "debezium_table", "debezium_heartbeat",
        ]
        #expect(
            made.subtracting(known).subtracting(own).filter { !$0.text.utf8.starts(with: "debezium".utf8) }
                == []
        )

        for statement in [
            "create schema original", "create table original.fields (like fields including all)",
            "insert into original.fields select * from fields",
        ] { try connection.execute(statement, deadline: .after(.seconds(10))) }
        let sets = HostileTexts.all.map { "\(quotedIdentifier($0)) = 'x'" }.joined(separator: ", ")
        try connection.execute("update fields set \(sets) where id = 1", deadline: .after(.seconds(10)))
        try connection.execute("delete from fields where id = 2", deadline: .after(.seconds(10)))
        let arguments = [
            "compare", "--source", url, "--destination", url, "--table", "original.fields",
            "--destination-table", "fields", "--settle", "300ms",
        ]
        let reader = pipeline.path("reader")
        let script = try Command.run(
            reader,
            arguments + ["--repair", "print"],
            environment: pipeline.environment
        )
        #expect(script.code == 1, "\(script.output)")
        #expect(!script.output.unicodeScalars.contains("\u{1B}"))
        try lab.verb("psql", "destination", "-q", "-c", "\\c hostile", "-c", script.output)
        let after = try Command.run(reader, arguments, environment: pipeline.environment)
        #expect(after.code == 0, "\(after.output)")
    }

    /// A record whose row has these texts as fields' names, each with its own name as value.
    private static func fields(_ names: [String], row: Int) -> Record {
        let fields = names.map { field($0, default: $0) }
        let values = [("id", "\(row)")] + names.map { ($0, json($0)) }
        return record("fields", fields, values)
    }

    /// A record of the same schema without the fields: what they hold then, the table's defaults say.
    private static func defaults(row: Int) -> Record { record("fields", [], [("id", "\(row)")]) }

    private static func table(_ name: String, fields names: [String]) -> Record {
        record(
            name,
            names.map { "{\"type\":\"string\",\"optional\":true,\"field\":\(json($0))}" },
            [("id", "1")] + names.map { ($0, json("x")) }
        )
    }

    private static func field(_ name: String, default text: String) -> String {
        "{\"type\":\"string\",\"optional\":false,\"default\":\(json(text)),\"field\":\(json(name))}"
    }

    private static func record(_ table: String, _ fields: [String], _ values: [(String, String)]) -> Record {
        let id = #"{"type":"int32","optional":false,"field":"id"}"#
        let row =
            #"{"type":"struct","optional":true,"field":"after","fields":[\#(([id] + fields).joined(separator: ","))]}"#
        let source = #"{"type":"struct","field":"source","fields":[{"type":"string","field":"table"}]}"#
        let schema = #"{"type":"struct","fields":[\#(row),\#(source),{"type":"string","field":"op"}]}"#
        let after = values.map { "\(json($0.0)):\($0.1)" }.joined(separator: ",")
        let payload = #"{"op":"c","after":{\#(after)},"source":{"table":\#(json(table))}}"#
        return Record(
            key: #"{"schema":{"type":"struct","fields":[\#(id)]},"payload":{"id":\#(values[0].1)}}"#,
            value: #"{"schema":\#(schema),"payload":\#(payload)}"#
        )
    }

    private static func json(_ text: String) -> String {
        String(decoding: JSONText.quoted(Array(text.utf8)), as: UTF8.self)
    }
}

private struct Record {
    let key: String
    let value: String
}

extension SidePipeline {
    fileprivate func openDestination() throws -> Connection {
        var options = try ConnectionOptions(try #require(environment["HANDOVER_ADMIN_DESTINATION_URL"]))
        options["passfile"] = environment["PGPASSFILE"]
        return try Connection.open(options, deadline: .after(.seconds(10)))
    }

    /// Has a sink that makes tables apply these records; what it refuses becomes a dead letter.
    fileprivate func apply(_ records: [Record]) async throws {
        let path = "\(folder)/records.ndjson"
        let topic = "\(name).records"
        let lines = try records.map { record in
            let line = ["topic": topic, "key": record.key, "value": record.value]
            return try JSONSerialization.data(withJSONObject: line) + Data("\n".utf8)
        }
        try Data(lines.joined()).write(to: URL(filePath: path))
        try lab.verb("produce", path)
        let file = try sinkFile(
            as: "handover_evolving_sink",
            changing: [
                "topics": topic, "collection.name.format": "${source.table}", "primary.key.fields": nil,
                "schema.evolution": "basic", "quote.identifiers": "true", "tasks.max": "1",
                "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "\(name).dead",
                "errors.deadletterqueue.topic.replication.factor": "1",
            ]
        )
        let sink = try start("sink", "run", file)
        defer { sink.discard() }
        let connection = try openDestination()
        let done = "select next_offset from handover.sink_progress where topic = '\(topic)'"
        try await lab.until("\(records.count) records applied", within: .seconds(120)) {
            let answer = try? connection.execute(done, deadline: .after(.seconds(10)))
            return answer?.text(0, 0) == "\(records.count)"
        }
    }
}
