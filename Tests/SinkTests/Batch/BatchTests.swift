import Model
import Testing

@testable import Sink

private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true), Column(name: "v", type: .bigint, isKey: false),
        Column(name: "note", type: .value(.text(limit: nil), castTo: nil), isKey: false),
    ],
    keyCount: 1
)

private func upsert(_ id: Int64, v: Int64?, note: String? = nil) -> Row {
    var row = Row(columnCount: 3)
    row.cells[0] = .integer(id)
    if let v { row.cells[1] = .integer(v) }
    if let note {
        row.bytes = Array(note.utf8)
        row.cells[2] = .text(0..<row.bytes.count)
    }
    return row
}

private func delete(_ id: Int64) -> Row {
    var row = Row(columnCount: 3)
    row.change = .delete
    row.cells[0] = .integer(id)
    return row
}

extension TableBatch {
    /// The cells of all rows to upsert, by columns, as text.
    fileprivate var rows: [[String]] {
        upserts.flatMap { group in
            group.slots.map { slot in
                group.columns.map { column in
                    withCells(ofColumn: column) { cells, bytes in
                        switch cells[slot] {
                        case .absent: return "-"
                        case .null: return "null"
                        case .integer(let value): return String(value)
                        case .text(let range): return String(decoding: bytes[range], as: UTF8.self)
                        }
                    }
                }
            }
        }
    }

    fileprivate mutating func fold(all rows: [Row]) throws {
        for row in rows { try fold(row) }
    }
}

struct TableBatchTests {
    @Test func `the last write of a key wins`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        try batch.fold(all: [upsert(1, v: 10), upsert(2, v: 20), upsert(1, v: 11), upsert(1, v: 12)])
        #expect(batch.rows == [["1", "12"], ["2", "20"]])
        #expect(batch.deletedSlots.isEmpty)
    }

    @Test func `a delete after a write leaves the delete, a write after a delete the write`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        try batch.fold(all: [upsert(1, v: 10), delete(1), delete(2), upsert(2, v: 21), delete(3)])
        #expect(batch.rows == [["2", "21"]])
        #expect(batch.deletedSlots.count == 2)
    }

    @Test func `a row that comes back after a delete has none of its old values`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        try batch.fold(all: [upsert(1, v: 10, note: "old"), delete(1), upsert(1, v: 11)])
        #expect(batch.rows == [["1", "11"]])
    }

    @Test func `a write that lacks a column keeps what an earlier one in the batch had`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        try batch.fold(all: [upsert(1, v: 10, note: "kept"), upsert(1, v: 11)])
        #expect(batch.rows == [["1", "11", "kept"]])
    }

    @Test func `alternating sets of columns make two statements, not one a row`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        for id in 0..<10 as Range<Int64> {
            try batch.fold(upsert(id, v: id, note: id % 2 == 0 ? "even" : nil))
        }
        #expect(batch.upserts.count == 2)
        #expect(batch.upserts.map(\.slots.count) == [5, 5])
    }

    @Test func `an emptied batch starts over`() throws {
        var batch = TableBatch(schema: table, mode: .upsert, capacity: 4)
        try batch.fold(upsert(1, v: 10, note: "x"))
        batch.removeAll()
        #expect(batch.isEmpty)
        try batch.fold(upsert(1, v: 11))
        #expect(batch.rows == [["1", "11"]])
    }
}

struct KeyIndexTests {
    @Test func `thousands of keys find their slots again, however small it began`() throws {
        var index = KeyIndex(capacity: 1)
        for id in 0..<5_000 as Range<Int64> {
            let (slot, isNew) = index.slot(of: upsert(id * 7, v: nil), keyCount: 1)
            #expect(slot == Int(id) && isNew)
        }
        for id in 0..<5_000 as Range<Int64> {
            let (slot, isNew) = index.slot(of: upsert(id * 7, v: nil), keyCount: 1)
            #expect(slot == Int(id) && !isNew)
        }
    }

    @Test func `the parts of a composite key do not run together`() throws {
        func row(_ first: String, _ second: String) -> Row {
            var row = Row(columnCount: 2)
            row.bytes = Array((first + second).utf8)
            row.cells = [.text(0..<first.utf8.count), .text(first.utf8.count..<row.bytes.count)]
            return row
        }
        var index = KeyIndex(capacity: 4)
        _ = index.slot(of: row("ab", "c"), keyCount: 2)
        #expect(index.slot(of: row("a", "bc"), keyCount: 2).isNew)
        #expect(!index.slot(of: row("ab", "c"), keyCount: 2).isNew)
    }
}

struct BatchTests {
    private static let places = [
        TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1),
    ]

    private static var batch: Batch {
        var batch = Batch()
        batch.advance(0, places[0], past: 10, from: 10)
        batch.advance(0, places[0], past: 14, from: 11)
        batch.advance(1, places[1], past: 3, from: 2)
        return batch
    }

    @Test func `a batch builds on the first record's predecessor, also across gaps in the offsets`() throws {
        let advance = Self.batch.advances[0]
        #expect(advance.expected == 10)
        #expect(advance.next == 15)
        #expect(advance.events == 2)
        #expect(Self.batch.recordCount == 3)
    }

    @Test func `a batch knows the time of the last record of each partition`() {
        var batch = Self.batch
        #expect(batch.advances.map(\.newest) == [nil, nil])
        batch.advance(0, Self.places[0], past: 15, from: 15, at: 1_700_000_000_000)
        batch.advance(0, Self.places[0], past: 16, from: 16, at: 1_700_000_000_007)
        #expect(batch.advances[0].newest == 1_700_000_000_007)
        #expect(batch.advances[1].newest == nil)
    }

    @Test(
        arguments: [
            ([15, 4], .applied), ([10, 2], .notApplied), ([12, 2], .taken([places[0]])),
            ([12, 3], .taken(places)), ([nil, 2], .taken([places[0]])),
        ] as [([Int64?], Batch.Fate)]
    )
    func `the stored progress tells what became of a batch`(stored: [Int64?], fate: Batch.Fate) {
        var offsets: [TopicPartition: Int64] = [:]
        for (place, offset) in zip(Self.places, stored) { offsets[place] = offset }
        #expect(Self.batch.fate(stored: offsets) == fate)
    }
}
