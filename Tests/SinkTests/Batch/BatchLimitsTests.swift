import Model
import Testing

@testable import Sink

private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true),
        Column(name: "note", type: .value(.text(limit: nil), castTo: nil), isKey: false),
    ],
    keyCount: 1
)

private let place = TopicPartition(topic: "t", partition: 0)

/// A batch of two tables into which rows of this size go in turn.
private struct Filling {
    var batch = Batch()
    private var count: Int64 = 0

    init() {
        for _ in 0..<2 { _ = batch.addTable(table, mode: .upsert, capacity: 16) }
    }

    mutating func take(_ size: Int, id: Int64? = nil) throws {
        var row = Row(columnCount: 2)
        row.cells[0] = .integer(id ?? count)
        row.bytes = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        row.cells[1] = .text(0..<size)
        try batch.fold(row, intoTable: Int(count % 2))
        batch.advance(0, place, past: count, from: count)
        count += 1
    }

    /// Records that it takes before it is full.
    mutating func fill(_ limits: BatchLimits, size: Int, id: Int64? = nil) throws -> Int {
        while limits.haveRoom(in: batch) { try take(size, id: id) }
        return batch.recordCount
    }
}

struct BatchLimitsTests {
    @Test(arguments: [
        // Records of 100 bytes: their number is the limit.
        (100, BatchLimits(recordCount: 5_000, byteCount: 64 << 20), 5_000),
        // Records of 900 kB in two tables, which count together.
        (900_000, BatchLimits(recordCount: 5_000, byteCount: 64 << 20), 75),
        (900_000, BatchLimits(recordCount: 10, byteCount: 64 << 20), 10),
        // One that is larger goes alone.
        (3 << 20, BatchLimits(recordCount: 5_000, byteCount: 1 << 20), 1),
        (0, BatchLimits(recordCount: 1), 1),
    ])
    func `a batch is full with the first of its limits`(size: Int, limits: BatchLimits, expected: Int) throws
    {
        var filling = Filling()
        #expect(try filling.fill(limits, size: size) == expected)
    }

    @Test func `what a later change replaced counts, for it is in memory`() throws {
        var filling = Filling()
        #expect(try filling.fill(BatchLimits(byteCount: 1 << 20), size: 100_000, id: 7) == 11)
    }

    @Test func `cells and keys count, so that rows of many columns are bounded`() throws {
        let columns = (0..<1_000).map { Column(name: "c\($0)", type: .bigint, isKey: $0 == 0) }
        var batch = Batch()
        let wide = TableSchema(qualifiedName: "w", columns: columns, keyCount: 1)
        _ = batch.addTable(wide, mode: .upsert, capacity: 16)
        for id in 0..<100 {
            var row = Row(columnCount: 1_000)
            row.cells[0] = .integer(Int64(id))
            try batch.fold(row, intoTable: 0)
        }
        #expect(batch.byteCount > 100 * 1_000 * MemoryLayout<Cell>.stride)
    }

    @Test func `a batch that is forgotten counts nothing and keeps little`() throws {
        var filling = Filling()
        _ = try filling.fill(BatchLimits(byteCount: 40 << 20), size: 900_000)
        #expect(filling.batch.byteCount >= 40 << 20)
        filling.batch.removeAll()
        #expect(filling.batch.byteCount == 0)
        #expect(filling.batch.tables.allSatisfy { $0.keptByteCount < 1 << 20 })
        try filling.take(10)
        #expect(filling.batch.byteCount > 0)
    }

    @Test func `the encoded batch keeps little when it is forgotten, and a small one keeps its memory`()
        throws
    {
        var filling = Filling()
        _ = try filling.fill(BatchLimits(byteCount: 40 << 20), size: 900_000)
        var transaction = BatchTransaction(progress: ProgressTable(sink: "s"))
        transaction.encode(filling.batch)
        #expect(transaction.keptByteCount >= 40 << 20)
        transaction.removeAll()
        #expect(transaction.keptByteCount == 0)
    }

    @Test func `the rows of a batch can be let go while its progress stays`() throws {
        var filling = Filling()
        try filling.take(10)
        filling.batch.forgetRows()
        #expect(filling.batch.recordCount == 1)
        #expect(filling.batch.advances.map(\.next) == [1])
        #expect(filling.batch.tables.allSatisfy { $0.isEmpty })
    }

    @Test(arguments: [
        ("1048575", false), ("1048576", true), ("536870912", true), ("536870913", false), ("-1", false),
    ])
    func `the property has its limits`(value: String, isValid: Bool) {
        let configuration = try? ConfigurationFixture.read(["batch.max.bytes": value])
        #expect(configuration?.limits.byteCount == (isValid ? Int(value) : nil))
    }
}

struct UncertainKeyTests {
    private func transaction(_ equality: KeyEquality, ids: Int) throws -> [String] {
        let column = Column(
            name: "host",
            type: .value(.text(limit: nil), castTo: "inet"),
            isKey: true,
            keyEquality: equality
        )
        var batch = Batch()
        let schema = TableSchema(qualifiedName: "\"h\"", columns: [column], keyCount: 1)
        _ = batch.addTable(schema, mode: .upsert, capacity: 4)
        for id in 0..<ids {
            var row = Row(columnCount: 1)
            row.bytes = Array("10.0.0.\(id)".utf8)
            row.cells[0] = .text(0..<row.bytes.count)
            try batch.fold(row, intoTable: 0)
        }
        var transaction = BatchTransaction(progress: ProgressTable(sink: "s"))
        transaction.encode(batch)
        return transaction.sql
    }

    @Test func `keys that only the server can tell apart are told apart before anything is written`() throws {
        let sql = try transaction(.server(collation: nil), ids: 2)
        #expect(sql.count == 6)
        #expect(sql[2] == ProgressTable(sink: "s").advanceStatement)
        #expect(sql[3].contains("having count(*) > 1"))
    }

    @Test func `nobody is asked about one key, or about keys whose bytes tell`() throws {
        #expect(try transaction(.server(collation: nil), ids: 1).count == 5)
        #expect(try transaction(.bytes, ids: 2).count == 5)
    }

    @Test func `each transaction sets what values depend on, for itself alone`() throws {
        let sql = try transaction(.bytes, ids: 1)
        #expect(sql[0] == "begin isolation level read committed")
        for name in [
            "array_nulls", "datestyle", "intervalstyle", "timezone", "xmloption",
            "standard_conforming_strings",
        ] {
            #expect(sql[1].contains("set_config('\(name)', "))
        }
        #expect(!sql[1].contains("false"))
    }
}
