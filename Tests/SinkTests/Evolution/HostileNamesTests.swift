import ChangeEvents
import Foundation
import HostileTexts
import Postgres
import Testing
import Text

@testable import Sink

/// What records say as names and defaults, made into statements.
struct HostileNamesTests {
    private func definition(_ name: String = "t", quotes: Bool = true) -> TableDefinition {
        var modes = WriteModes()
        modes.identifiers = quotes ? .preserved : .folded
        (modes.keyMode, modes.keyFields) = (.recordValue, ["id"])
        return TableDefinition(name: name, modes: modes)
    }

    private func field(_ name: String, _ type: String = "string", default text: String? = nil) -> ConnectField
    {
        var field = ConnectField()
        (field.name, field.type, field.isOptional) = (name, type, text == nil)
        if let text { field.fallback = .text(text) }
        return field
    }

    private func created(_ definition: TableDefinition, _ fields: [ConnectField]) throws -> String {
        try definition.creating(RecordSchema(key: nil, row: [field("id", "int32")] + fields))
    }

    @Test(arguments: HostileTexts.all)
    func `a field's name is one column's, and nothing of it is SQL`(name: String) throws {
        let plain = #""x" text"#
        let hostile = quotedIdentifier(name) + " text"
        let expected = try created(definition(), [field("x")]).replacingScalars(plain, with: hostile)
        #expect(try created(definition(), [field(name)]).isSame(as: expected))
        #expect(
            try definition().adding([field(name)])
                .isSame(as: "alter table \"t\" add column if not exists \(hostile)")
        )
    }

    @Test(arguments: HostileTexts.all)
    func `a default is one literal, and nothing of it is SQL`(text: String) throws {
        let literal = try quotedLiteral(text)
        #expect(
            try definition().adding([field("x", default: text)])
                .isSame(
                    as: "alter table \"t\" add column if not exists \"x\" text not null default \(literal)"
                )
        )
    }

    @Test(arguments: HostileTexts.all)
    func `a table's name is cut at its dots only`(name: String) throws {
        let parts = name.parts(at: ".").map(quotedIdentifier).joined(separator: ".")
        let statement = try created(definition(name), [])
        #expect(statement.begins(with: "create table if not exists \(parts) ("))
    }

    @Test(arguments: HostileTexts.twins)
    func `two names that Swift takes for one are two columns`(one: String, other: String) throws {
        let statement = try created(definition(), [field(one), field(other)])
        #expect(statement.range(ofBytes: "\(quotedIdentifier(one)) text") != nil)
        #expect(statement.range(ofBytes: "\(quotedIdentifier(other)) text") != nil)
        let table = TableSchema(
            qualifiedName: "\"t\"",
            columns: [one, other].map { Column(name: $0, type: .integer, isKey: false) },
            keyCount: 0,
            identifiers: .preserved
        )
        #expect(table.column(ofField: one) == 0)
        #expect(table.column(ofField: other) == 1)
        let schema = RecordSchema(key: nil, row: [field(one), field(other)])
        var shorter = table
        shorter = TableSchema(
            qualifiedName: shorter.qualifiedName,
            columns: [table.columns[0]],
            keyCount: 0,
            identifiers: .preserved
        )
        #expect(schema.missing(in: shorter, modes: definition().modes).map(\.name) == [other])
    }

    @Test(arguments: ["", "a\0b", String(repeating: "a", count: 64), String(repeating: "\u{E9}", count: 32)])
    func `a name that PostgreSQL can't have is refused by name`(name: String) {
        #expect(throws: SinkError.self) { try definition().adding([field(name)]) }
        #expect(throws: SinkError.self) { try created(definition(name), []) }
    }

    @Test func `names without quotes fold as PostgreSQL folds them: A to Z`() {
        #expect(
            IdentifierCase.folded.name("Stra\u{DF}e\u{C4}\u{212A}X").isSame(as: "stra\u{DF}e\u{C4}\u{212A}x")
        )
    }

    @Test(arguments: HostileTexts.with("."))
    func `a source's name with a dot never chooses a schema`(name: String) throws {
        let encoder = JSONEncoder()
        let text = String(decoding: try encoder.encode(name), as: UTF8.self)
        let record = Array(#"{"op":"c","after":{"id":1},"source":{"table":\#(text)}}"#.utf8)
        var fields = SourceFields(["table"])
        #expect(try fields.read(record.span.bytes, topicIndex: 0))
        #expect(throws: DecodeError.self) { try fields.values(record.span.bytes) }
    }

    @Test(arguments: HostileTexts.all)
    func `what the sink prints is lines of its own only, and steers no terminal`(text: String) throws {
        var report = CheckReport()
        report.add(.failure, "table \(text)", "column \(text) is missing")
        #expect(!report.description.unicodeScalars.contains { $0.isHidden })
        let schema = TableSchema(
            qualifiedName: try quotedPath("t"),
            columns: [Column(name: text, type: .integer, isKey: true)],
            keyCount: 1,
            identifiers: .preserved
        )
        let clean = TableSchema(
            qualifiedName: "\"t\"",
            columns: [Column(name: "x", type: .integer, isKey: true)],
            keyCount: 1,
            identifiers: .preserved
        )
        let explained = Explanation.text(topic: text, schema: schema, modes: definition().modes)
        let lines = Explanation.text(topic: "x", schema: clean, modes: definition().modes)
        #expect(explained.parts(at: "\n").count == lines.parts(at: "\n").count)
        #expect(!explained.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
        let problem = ConfigurationProblem(property: text, value: text, reason: "must be a number")
        let refused = ConfigurationError(file: "\(text).json", problems: [problem]).description
        #expect(refused.parts(at: "\n").count == 2)
        #expect(!refused.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
    }
}
