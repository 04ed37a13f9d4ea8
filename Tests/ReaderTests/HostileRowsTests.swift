import Foundation
import HostileTexts
import Postgres
import Testing
import Text

@testable import Compare
@testable import Guard
@testable import Verify
@testable import Watch

/// What catalogs, rows and keys say, made into statements, scripts and pages.
struct HostileRowsTests {
    private func table(_ columns: [String], key: [String]) -> TableDescription {
        TableDescription(
            name: "public.t",
            columns: columns.map { .init(name: $0, type: "text", declaration: "text") },
            key: key,
            blockCount: 10,
            encoding: "UTF8",
            version: 150_000,
            isStandby: false
        )
    }

    private func repair(_ column: String, _ value: String) throws -> String {
        let table = table(["id", column], key: ["id"])
        let sql = RepairSQL(table: "public.t", pairing: try ColumnPairing(table, table))
        let key = RowKey(hash: 1, texts: [value])
        return sql.statement(
            Difference(Suspect(key: key, source: RowState(hashes: 1), destination: RowState(hashes: 2))),
            source: RowLiterals(values: ["1", try quotedLiteral(value)]),
            destination: RowLiterals(values: ["1", "'old'"])
        )
    }

    @Test(arguments: HostileTexts.all)
    func `a repair's script has names and values as they are, and nothing of them is SQL`(text: String) throws
    {
        let plain = try repair("x", "y")
        let expected = plain.replacingScalars("\"x\"", with: printedIdentifier(text))
            .replacingScalars("'y'", with: try quotedLiteral(text))
        #expect(try repair(text, text).isSame(as: expected))
        #expect(!(try repair(text, text)).unicodeScalars.contains { $0.isHidden && $0 != "\n" })
    }

    @Test(arguments: HostileTexts.twins)
    func `two columns that Swift takes for one are two`(one: String, other: String) throws {
        let table = table([one, other], key: [one])
        let pairing = try ColumnPairing(table, table)
        #expect(pairing.columns.count == 2)
        #expect(pairing.columns.map { pairing.key.contains($0) } == [true, false])
        #expect(RowKey(hash: 1, texts: [one]) != RowKey(hash: 2, texts: [other]))
    }

    @Test(arguments: HostileTexts.twins)
    func `two dead rows whose keys Swift takes for one are two`(one: String, other: String) {
        let keys = [one, other].map { [DeadEvent.KeyPart(column: "id", text: $0)] }
        #expect(Set(keys).count == 2)
        let tables = [one, other].map { DeadEvent.Table(schema: "public", name: $0) }
        #expect(Set(tables).count == 2)
    }

    @Test(arguments: HostileTexts.all)
    func `the guard writes by the table's own names, and nothing of them is SQL`(text: String) {
        func statements(_ name: String) -> [String?] {
            let column = RepairTable.Column(
                name: name,
                type: "text",
                base: "text",
                category: "S",
                isRequired: true,
                isToasted: true,
                isFixed: false,
                isGenerated: false
            )
            let table = RepairTable(table: .init(schema: name, name: name), columns: [column])
            let key = [DeadEvent.KeyPart(column: name, text: "1")]
            return [table.touch(key), table.insert(key), table.delete(key)]
        }
        for (plain, hostile) in zip(statements("x"), statements(text)) {
            let expected = plain?.replacingScalars("\"x\"", with: quotedIdentifier(text))
            #expect(hostile.map { ExactText($0) } == expected.map { ExactText($0) })
        }
    }

    @Test(arguments: HostileTexts.all)
    func `a dead row's key is JSON that says the same`(text: String) throws {
        let json = DeadEvent.text(of: [.init(column: text, text: text)])
        let read = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        #expect(read.keys.first?.isSame(as: text) == true)
        #expect(read.values.first?.isSame(as: text) == true)
    }

    @Test(arguments: HostileTexts.all)
    func `pages, reports and lines of a watch hold the text, and nothing of it is markup`(text: String) {
        for escaped in [text.escapedForHTML, text.asXML] {
            #expect(!escaped.unicodeScalars.contains("<"))
            #expect(!escaped.unicodeScalars.contains("\""))
            #expect(!escaped.unicodeScalars.contains { $0.isHidden && $0 != "\n" })
            let ampersands = escaped.unicodeScalars.count { $0 == "&" }
            #expect(ampersands == escaped.unicodeScalars.count { $0 == ";" })
        }
        #expect(!text.onOneLine.unicodeScalars.contains { $0.isHidden || $0 == "\"" })
    }

    @Test(arguments: ["", "a.", ".a", "a\0", String(repeating: "a", count: 64)])
    func `a table's name that PostgreSQL can't have is refused`(name: String) {
        #expect(throws: UnquotableText.self) { try TableName(name) }
    }

    @Test(arguments: HostileTexts.with("."))
    func `a table's name is cut at its first dot, whatever mark is beside it`(name: String) throws {
        let parts = name.parts(at: ".", limit: 2)
        #expect(
            try TableName(name).quoted.isSame(as: parts.map(quotedIdentifier).joined(separator: "."))
        )
    }
}
