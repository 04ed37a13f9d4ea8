import ChangeEvents
import Testing

@testable import Sink

private func table(keyCount: Int) -> TableSchema {
    TableSchema(
        qualifiedName: "\"t\"",
        columns: [
            Column(name: "id", type: .integer, isKey: keyCount > 0),
            Column(name: "v", type: .bigint, isKey: false),
        ],
        keyCount: keyCount
    )
}

private func row(_ change: Row.Change, _ id: Int64, v: Int64? = nil) -> Row {
    var row = Row(columnCount: 2)
    row.change = change
    row.cells[0] = .integer(id)
    if let v { row.cells[1] = .integer(v) }
    return row
}

/// The values of column v that are written, in order, and the number of deletes.
private func fold(_ rows: [Row], mode: InsertMode, keyCount: Int = 1) throws -> (
    written: [Int64], deletes: Int
) {
    var batch = TableBatch(schema: table(keyCount: keyCount), mode: mode, capacity: 4)
    for row in rows { try batch.fold(row) }
    let written = batch.upserts.flatMap { group in
        batch.withCells(ofColumn: 1) { cells, _ in
            group.slots.compactMap { slot -> Int64? in
                guard case .integer(let value) = cells[slot] else { return nil }
                return value
            }
        }
    }
    return (written, batch.deletedSlots.count)
}

struct ModeTests {
    @Test func `without a key every record is a row, equal ones too`() throws {
        let rows = [row(.upsert, 1, v: 7), row(.upsert, 1, v: 7), row(.upsert, 2, v: 8)]
        #expect(try fold(rows, mode: .insert, keyCount: 0) == ([7, 7, 8], 0))
    }

    @Test func `in insert mode a key that comes twice is sent twice: the server refuses it`() throws {
        #expect(try fold([row(.upsert, 1, v: 7), row(.upsert, 1, v: 8)], mode: .insert) == ([7, 8], 0))
    }

    @Test func `in insert mode a delete takes back the inserts in front of it, not those after`() throws {
        let rows = [
            row(.upsert, 1, v: 1), row(.upsert, 1, v: 2), row(.delete, 1), row(.upsert, 1, v: 3),
            row(.upsert, 2, v: 4), row(.delete, 3), row(.upsert, 3, v: 5),
        ]
        #expect(try fold(rows, mode: .insert) == ([3, 4, 5], 2))
        #expect(try fold(rows + [row(.delete, 1)], mode: .insert) == ([4, 5], 2))
    }

    @Test func `in update mode a row that was deleted does not come back`() throws {
        let rows = [row(.upsert, 1, v: 1), row(.delete, 1), row(.upsert, 1, v: 2), row(.upsert, 2, v: 3)]
        #expect(try fold(rows, mode: .update) == ([3], 1))
    }

    @Test func `a delete and its tombstone are one delete`() throws {
        #expect(try fold([row(.delete, 1), row(.delete, 1)], mode: .upsert) == ([], 1))
        #expect(try fold([row(.delete, 1), row(.delete, 1)], mode: .insert) == ([], 1))
    }
}

/// Two columns besides the key: `note` may be large and unchanged.
private let wide = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true), Column(name: "v", type: .bigint, isKey: false),
        Column(name: "note", type: .bigint, isKey: false),
    ],
    keyCount: 1
)

private func wideRow(_ id: Int64, v: Int64, note: Int64?) -> Row {
    var row = Row(columnCount: 3)
    row.cells = [.integer(id), .integer(v), note.map { .integer($0) } ?? .absent]
    if note == nil { row.unchanged = [2] }
    return row
}

struct UnchangedValueTests {
    private func groups(_ rows: [Row], mode: InsertMode = .upsert) throws -> [TableBatch.Group] {
        var batch = TableBatch(schema: wide, mode: mode, capacity: 4)
        for row in rows { try batch.fold(row) }
        return batch.upserts
    }

    @Test func `a row without its large value is only ever an update`() throws {
        let groups = try groups([wideRow(1, v: 1, note: nil), wideRow(2, v: 2, note: 7)])
        #expect(groups.map(\.keepsUnchanged) == [true, false])
        #expect(groups.map(\.columns) == [[0, 1], [0, 1, 2]])
        #expect(
            TableStatements.change(wide, columns: groups[0].columns)
                == #"with found as (update "t" as t set "v" = r.c1 from unnest($1, $2) as r(c0, c1) "#
                + #"where t."id" = r.c0 returning 1) select 1 / (count(*) = cardinality($1))::int from found"#
        )
    }

    @Test func `the value of an earlier record in the batch is carried on`() throws {
        let groups = try groups([
            wideRow(1, v: 1, note: 7), wideRow(1, v: 2, note: nil), wideRow(1, v: 3, note: nil),
        ])
        #expect(groups.map(\.keepsUnchanged) == [false])
        #expect(groups[0].columns == [0, 1, 2])
    }

    @Test func `a value that comes later completes the row, but does not make it new`() throws {
        let groups = try groups([wideRow(1, v: 1, note: nil), wideRow(1, v: 2, note: 8)])
        #expect(groups.map(\.columns) == [[0, 1, 2]])
        #expect(groups.map(\.keepsUnchanged) == [false])
    }

    @Test func `where the value went with a delete the record is refused`() throws {
        var batch = TableBatch(schema: wide, mode: .upsert, capacity: 4)
        var gone = wideRow(1, v: 0, note: 0)
        gone.change = .delete
        try batch.fold(gone)
        #expect(throws: DecodeError.self) { try batch.fold(wideRow(1, v: 1, note: nil)) }
        #expect(batch.deletedSlots == [0])
    }

    @Test func `a batch that is emptied forgets which values were missing`() throws {
        var batch = TableBatch(schema: wide, mode: .upsert, capacity: 4)
        try batch.fold(wideRow(1, v: 1, note: nil))
        batch.removeAll()
        try batch.fold(wideRow(1, v: 1, note: 5))
        #expect(batch.upserts.map(\.keepsUnchanged) == [false])
    }
}

struct TruncateTests {
    @Test func `a truncate drops what came before it in the batch, not what comes after`() throws {
        let truncate = row(.truncate, 0)
        for mode in InsertMode.allCases {
            let rows = [row(.upsert, 1, v: 1), row(.delete, 2), truncate, row(.upsert, 3, v: 3)]
            #expect(try fold(rows, mode: mode) == ([3], 0))
        }
    }

    @Test func `a truncate alone is work to do, once`() throws {
        var batch = TableBatch(schema: table(keyCount: 1), mode: .upsert, capacity: 4)
        try batch.fold(row(.truncate, 0))
        #expect(!batch.isEmpty && batch.isTruncated)
        batch.removeAll()
        #expect(batch.isEmpty && !batch.isTruncated)
    }

    @Test func `all tables of a batch are truncated at once`() {
        #expect(TableStatements.truncate([table(keyCount: 1), wide]) == #"truncate table "t", "t""#)
    }
}
