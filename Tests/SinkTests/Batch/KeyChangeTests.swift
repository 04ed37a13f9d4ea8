import Model
import Testing

@testable import Sink

/// A table with a text key.
private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .value(.text(limit: nil), castTo: nil), isKey: true),
        Column(name: "v", type: .bigint, isKey: false),
    ],
    keyCount: 1
)

struct KeyChangeTests {
    private func row(_ id: String, _ v: Int64? = nil, _ change: Row.Change = .upsert) -> Row {
        var row = Row(columnCount: 2)
        row.change = change
        row.bytes = Array(id.utf8)
        row.cells[0] = .text(0..<row.bytes.count)
        if let v { row.cells[1] = .integer(v) } else if change == .upsert { row.unchanged = [1] }
        return row
    }

    private func texts(_ batch: TableBatch, _ slots: [Int]) -> [String] {
        batch.withCells(ofColumn: 0) { cells, bytes in
            slots.map { slot in
                guard case .text(let range) = cells[slot] else { return "?" }
                return String(decoding: bytes[range], as: UTF8.self)
            }
        }
    }

    @Test func `a row goes on under its new key, with the large value that it had`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 8)
        #expect(try batch.move(row("a", nil, .delete), to: row("b")))
        #expect(
            texts(batch, batch.moves.map(\.from)) == ["a"] && texts(batch, batch.moves.map(\.to)) == ["b"]
        )
        #expect(batch.deletedSlots.isEmpty && !batch.isEmpty)
        #expect(batch.upserts.map(\.keepsUnchanged) == [true])
    }

    @Test func `both keys may change again after it`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 8)
        #expect(try batch.move(row("a", nil, .delete), to: row("b", 1)))
        try batch.fold(row("a", 2))
        try batch.fold(row("b", 0, .delete))
        #expect(texts(batch, batch.deletedSlots) == ["b"])
        #expect(batch.upserts.map { texts(batch, $0.slots) } == [["a"]])
        #expect(
            texts(batch, batch.moves.map(\.from)) == ["a"] && texts(batch, batch.moves.map(\.to)) == ["b"]
        )
    }

    @Test(arguments: [["a"], ["b"], ["a", "b"]])
    func `a key that changed in front of it must be applied first`(keys: [String]) throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 8)
        for key in keys { try batch.fold(row(key, 1)) }
        #expect(try !batch.move(row("a", nil, .delete), to: row("b", 1)))
        #expect(batch.moves.isEmpty && batch.upserts.flatMap(\.slots).count == keys.count)
        // Two rows that exchange their keys by way of a third.
        var exchange = TableBatch(schema: table, mode: .upsert, capacity: 8)
        #expect(try exchange.move(row("a", nil, .delete), to: row("x", 1)))
        #expect(try !exchange.move(row("b", nil, .delete), to: row("a", 1)))
    }

    @Test func `a key that is the same after all is an ordinary change`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 8)
        #expect(try batch.move(row("a", nil, .delete), to: row("a", 1)))
        #expect(batch.moves.isEmpty && batch.upserts.count == 1)
    }

    @Test func `a truncate makes it void`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 8)
        #expect(try batch.move(row("a", nil, .delete), to: row("b", 1)))
        try batch.fold(row("", nil, .truncate))
        #expect(batch.moves.isEmpty && batch.upserts.isEmpty)
    }

    @Test func `the records of one key change are never divided`() throws {
        var batch = Batch()
        let index = batch.addTable(table, mode: .upsert, capacity: 8)
        let place = TopicPartition(topic: "t", partition: 0)
        #expect(try batch.move(row("a", nil, .delete), to: row("b", 1), intoTable: index, recordCount: 3))
        for offset in 0..<3 { batch.advance(0, place, past: Int64(offset), from: Int64(offset)) }
        #expect(batch.isKeyChange)
        batch.advance(0, place, past: 3, from: 3)
        #expect(!batch.isKeyChange)
        batch.removeAll()
        #expect(!batch.isKeyChange)
    }

    @Test func `the statement matches the old key and leaves a row that is in the way`() {
        #expect(
            TableStatements.move(table) == """
                update "t" as t set "id" = r.c1 from unnest($1, $2) as r(c0, c1) where t."id" = r.c0 and not exists \
                (select from "t" as n where n."id" = r.c1)
                """
        )
    }
}
