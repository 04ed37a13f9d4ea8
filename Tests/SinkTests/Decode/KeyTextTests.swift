import Testing

@testable import Sink

/// The bytes of a key's column after a value of it was brought to one form.
private func key(_ text: String, _ form: ValueForm, isUUID: Bool = false) throws -> String {
    var bytes = Array("before".utf8) + Array(text.utf8)
    try KeyText.normalize(form, isUUID: isUUID, from: 6, in: &bytes)
    return String(decoding: bytes.dropFirst(6), as: UTF8.self)
}

struct KeyTextTests {
    private static let uuid = "8b0c2d1e-0000-4000-8000-00000000abcd"

    @Test(arguments: [
        uuid, uuid.uppercased(), "{\(uuid)}", "{\(uuid.uppercased())}",
        "8b0c2d1e0000400080000000" + "0000abcd",
        "8b0c-2d1e-0000-4000-8000-0000-0000-abcd", "8B0C2D1E-00004000-80000000-0000ABCD",
    ])
    func `each spelling of a uuid is one key`(text: String) throws {
        #expect(try key(text, .text(limit: nil), isUUID: true) == Self.uuid)
    }

    @Test(arguments: [
        "", "x", "8b0c2d1e-0000-4000-8000-00000000abc", "8b0c2d1e--0000-4000-8000-00000000abcg",
    ])
    func `what is no uuid stays, for the server to refuse`(text: String) throws {
        #expect(try key(text, .text(limit: nil), isUUID: true) == text)
    }

    @Test(arguments: [
        (["1.0", "1.00", "1", "10e-1", "+1"], ValueForm.numeric(scale: nil)),
        (["0", "-0", "0.000", "0e5"], .numeric(scale: nil)),
        (["0.1", "0.10000000000000001", "1e-1"], .float(maximumDigits: 17)),
        (["0", "-0", "-0.0", "0e-9"], .float(maximumDigits: 17)),
        (["0.1", "0.100000001", "0.10"], .float(maximumDigits: 9)),
        (["16777216", "16777217"], .float(maximumDigits: 9)),
        (["a", "a  ", "a "], .paddedText), (["04:05", "04:05:00"], .time(precision: 6)),
    ])
    func `texts of one value are one key`(texts: [String], form: ValueForm) throws {
        let keys = try Set(texts.map { try key($0, form) })
        #expect(keys.count == 1, "\(keys)")
    }

    @Test(arguments: [
        (["0.1", "0.2", "NaN", "Infinity", "-Infinity", "1e308"], ValueForm.float(maximumDigits: 17)),
        (["1e400", "1e401", "0"], .float(maximumDigits: 17)), (["1e-400", "0"], .float(maximumDigits: 17)),
        (["16777216", "16777218"], .float(maximumDigits: 9)), (["a", "A", "a\u{301}"], .text(limit: nil)),
        (["04:05", "04:05:01", "24:00:00", "00:00:00"], .time(precision: 6)), ([" a", "a"], .paddedText),
    ])
    func `texts of different values are different keys`(texts: [String], form: ValueForm) throws {
        #expect(try Set(texts.map { try key($0, form) }).count == texts.count)
    }
}

struct KeyEqualityTests {
    private func equality(
        _ name: String,
        kind: String = "b",
        isBuiltIn: Bool = true,
        collation: String? = nil
    ) -> KeyEquality? {
        let type = CatalogType(
            name: name,
            kind: kind,
            isBuiltIn: isBuiltIn,
            modifier: -1,
            sqlName: name,
            element: nil
        )
        return ColumnType(type).flatMap { KeyEquality(type, $0, collation: collation) }
    }

    @Test(arguments: [
        "int2", "int4", "int8", "bool", "date", "timestamp", "timestamptz", "text", "varchar", "bpchar",
        "name",
        "uuid", "numeric", "float4", "float8", "bytea", "bit", "time", "oid", "money",
    ])
    func `types whose equal values come to equal bytes ask nobody`(name: String) {
        #expect(equality(name) == .bytes)
    }

    @Test(arguments: [
        "inet", "cidr", "macaddr", "macaddr8", "pg_lsn", "interval", "timetz", "varbit",
    ])
    func `types with many spellings of a value ask the server`(name: String) {
        #expect(equality(name) == .server(collation: nil))
    }

    @Test func `what is not PostgreSQL's own asks the server, but an enum's labels are exact`() {
        #expect(equality("citext", isBuiltIn: false) == .server(collation: nil))
        #expect(equality("isbn13", isBuiltIn: false) == .server(collation: nil))
        #expect(equality("int4range", kind: "r") == .server(collation: nil))
        #expect(equality("period", kind: "r", isBuiltIn: false) == .server(collation: nil))
        #expect(equality("mood", kind: "e", isBuiltIn: false) == .bytes)
    }

    @Test(arguments: ["text", "varchar", "bpchar"])
    func `a collation that is not deterministic asks the server`(name: String) {
        #expect(equality(name, collation: "public.ci") == .server(collation: "public.ci"))
    }

    @Test(arguments: ["json", "jsonb", "xml", "tsvector", "point", "polygon"])
    func `types without an equality are no keys`(name: String) {
        #expect(equality(name) == nil)
    }

    @Test func `the check of a batch's keys compares them as the table does`() {
        let table = TableSchema(
            qualifiedName: "\"t\"",
            columns: [
                Column(name: "id", type: .integer, isKey: true),
                Column(
                    name: "host",
                    type: .value(.text(limit: nil), castTo: "inet"),
                    isKey: true,
                    keyEquality: .server(collation: nil)
                ),
                Column(
                    name: "name",
                    type: .value(.text(limit: nil), castTo: nil),
                    isKey: true,
                    keyEquality: .server(collation: "public.ci")
                ),
            ],
            keyCount: 3
        )
        #expect(table.hasUncertainKey)
        #expect(
            TableStatements.tellKeysApart(table)
                == "select 1 / (not exists (select from unnest($1, $2, $3) as r(c0, c1, c2) "
                + "group by r.c0, r.c1::inet, r.c2 collate public.ci having count(*) > 1))::int"
        )
    }
}
