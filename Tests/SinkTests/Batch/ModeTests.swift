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
private func fold(_ rows: [Row], mode: InsertMode, keyCount: Int = 1) -> (written: [Int64], deletes: Int) {
    var batch = TableBatch(schema: table(keyCount: keyCount), mode: mode, capacity: 4)
    for row in rows { batch.fold(row) }
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
    @Test func `without a key every record is a row, equal ones too`() {
        let rows = [row(.upsert, 1, v: 7), row(.upsert, 1, v: 7), row(.upsert, 2, v: 8)]
        #expect(fold(rows, mode: .insert, keyCount: 0) == ([7, 7, 8], 0))
    }

    @Test func `in insert mode a key that comes twice is sent twice: the server refuses it`() {
        #expect(fold([row(.upsert, 1, v: 7), row(.upsert, 1, v: 8)], mode: .insert) == ([7, 8], 0))
    }

    @Test func `in insert mode a delete takes back the inserts in front of it, not those behind`() {
        let rows = [
            row(.upsert, 1, v: 1), row(.upsert, 1, v: 2), row(.delete, 1), row(.upsert, 1, v: 3),
            row(.upsert, 2, v: 4), row(.delete, 3), row(.upsert, 3, v: 5),
        ]
        #expect(fold(rows, mode: .insert) == ([3, 4, 5], 2))
        #expect(fold(rows + [row(.delete, 1)], mode: .insert) == ([4, 5], 2))
    }

    @Test func `in update mode a row that was deleted does not come back`() {
        let rows = [row(.upsert, 1, v: 1), row(.delete, 1), row(.upsert, 1, v: 2), row(.upsert, 2, v: 3)]
        #expect(fold(rows, mode: .update) == ([3], 1))
    }

    @Test func `a delete and its tombstone are one delete`() {
        #expect(fold([row(.delete, 1), row(.delete, 1)], mode: .upsert) == ([], 1))
        #expect(fold([row(.delete, 1), row(.delete, 1)], mode: .insert) == ([], 1))
    }
}
