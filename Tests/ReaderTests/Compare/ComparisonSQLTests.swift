import Testing

@testable import Compare

@Suite("Statements of a comparison") struct ComparisonSQLTests {
    private static func table(
        _ columns: [(String, String)],
        key: [String],
        version: Int = 150_000,
        encoding: String = "UTF8"
    ) -> TableDescription {
        TableDescription(
            name: "public.t",
            columns: columns.map { .init(name: $0.0, type: $0.1, declaration: $0.1) },
            key: key,
            blockCount: 10,
            encoding: encoding,
            version: version,
            isStandby: false
        )
    }

    private static func pair(_ source: String, _ destination: String) throws -> ColumnPair {
        let pairing = try ColumnPairing(
            table([("c", source)], key: []),
            table([("c", destination)], key: [])
        )
        return try #require(pairing.columns.first)
    }

    @Test(arguments: [
        ("numeric", "numeric", #""c""#), ("int4", "int8", #""c"::int8"#),
        ("int4", "numeric", #""c"::numeric"#),
        ("float8", "float8", #"float8send("c"::float8)"#), ("float4", "float4", #"float4send("c")"#),
        ("timestamp", "timestamptz", #""c"::timestamptz"#), ("text", "varchar", #""c"::text collate "C""#),
        ("json", "jsonb", #""c"::jsonb::text collate "C""#),
        ("interval", "interval", #""c"::text collate "C""#),
    ])
    func `values are hashed by what they mean`(source: String, destination: String, digest: String) throws {
        #expect(try Self.pair(source, destination).digest == digest)
    }

    @Test func `text of servers with different encodings is hashed as UTF-8`() throws {
        let pairing = try ColumnPairing(
            Self.table([("c", "text")], key: ["c"]),
            Self.table([("c", "text")], key: ["c"], encoding: "LATIN1")
        )
        #expect(pairing.columns[0].digest == #"convert_to("c"::text, 'UTF8')"#)
    }

    @Test func `columns pair by name and those of one side are named`() throws {
        let pairing = try ColumnPairing(
            Self.table([("id", "int8"), ("a", "text"), ("old", "text")], key: ["id"]),
            Self.table([("a", "text"), ("id", "int8"), ("new", "text")], key: ["id"])
        )
        #expect(pairing.columns.map(\.name) == ["id", "a"])
        #expect(pairing.notes.contains { $0.contains("only the source") && $0.hasSuffix("old") })
        #expect(pairing.notes.contains { $0.contains("only the destination") && $0.hasSuffix("new") })
    }

    @Test func `a named key that is not in both tables is wrong usage`() {
        let table = Self.table([("id", "int8")], key: ["id"])
        let error = #expect(throws: CompareError.self) {
            try ColumnPairing(table, table, keyNames: ["nix"])
        }
        #expect(error?.exitCode == 64)
    }

    @Test func `a server without the hash function is refused`() {
        let old = Self.table([("id", "int8")], key: ["id"], version: 130_000)
        let error = #expect(throws: CompareError.self) { try ColumnPairing(old, old) }
        #expect(error?.exitCode == 2)
    }

    private static func sql(_ buckets: KeyBuckets) throws -> ComparisonSQL {
        let table = table([("id", "int8"), ("v", "text")], key: ["id"])
        return ComparisonSQL(
            side: .source,
            table: "public.t",
            pairing: try ColumnPairing(table, table),
            buckets: buckets
        )
    }

    @Test func `neighbouring ranges that differ are read as one, by the key's index`() throws {
        let bounds = (1...20).map { String($0 * 10) }
        let sql = try Self.sql(.ranges(type: "int8", bounds: bounds)).rows(of: [0, 3, 4, 20])
        #expect(
            sql.contains(
                #" where ("id" < '10'::int8) or ("id" >= '30'::int8 and "id" < '50'::int8) or ("id" >= '200'::int8) "#
            )
        )
    }

    @Test func `buckets of hashes are read by their numbers`() throws {
        let sql = try Self.sql(.hashes(count: 16)).rows(of: [3, 9])
        #expect(sql.contains("& 15) = any('{3,9}'::int8[])"))
    }

    @Test func `most of the buckets are the whole table`() throws {
        #expect(try !Self.sql(.hashes(count: 4)).rows(of: [0, 1]).contains("where"))
    }

    @Test func `the last piece of a table has no end`() {
        #expect(KeyBuckets.pieces(ofBlocks: 0) == [0..<Int.max])
        #expect(KeyBuckets.pieces(ofBlocks: 20, size: 8) == [0..<8, 8..<16, 16..<Int.max])
        #expect(KeyBuckets.count(forBlocks: 10_000_000) == 4_096)
    }

    @Test func `sums tell a row that is there twice`() {
        var (one, two) = (BucketSums(), BucketSums())
        one.add(1, rowCount: 1, hashes: 5)
        one.add(2, rowCount: 1, hashes: 7)
        two.add(one)
        #expect(one.different(from: two).isEmpty)
        two.add(2, rowCount: 2, hashes: 0)
        two.add(9, rowCount: 1, hashes: 1)
        #expect(one.different(from: two) == [2, 9])
    }
}
