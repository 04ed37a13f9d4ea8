import Foundation
import Testing

/// A type whose values can be written in several ways, and two spellings of one value.
struct KeySpelling: CustomTestStringConvertible, Sendable {
    let type: String
    let one: String
    let other: String
    /// A value that is another one.
    let different: String

    var testDescription: String { type }
    var table: String { "key_" + type.filter(\.isLetter) }

    static let all = [
        KeySpelling(
            type: "uuid",
            one: "8B0C2D1E-0000-4000-8000-00000000ABCD",
            other: "8b0c2d1e-0000-4000-8000-00000000abcd",
            different: "8b0c2d1e-0000-4000-8000-00000000abce"
        ),
        KeySpelling(type: "inet", one: "10.0.0.1/32", other: "10.0.0.1", different: "10.0.0.1/8"),
        KeySpelling(type: "cidr", one: "10.0.0.0/8", other: "10/8", different: "10.0.0.0/9"),
        KeySpelling(
            type: "macaddr",
            one: "08:00:2B:01:02:03",
            other: "0800.2b01.0203",
            different: "08:00:2b:01:02:04"
        ),
        KeySpelling(type: "pg_lsn", one: "0/16B3748", other: "0/016b3748", different: "0/16B3749"),
        KeySpelling(type: "citext", one: "Alice", other: "alice", different: "bob"),
        KeySpelling(type: "text collate ci", one: "Alice", other: "alice", different: "bob"),
        KeySpelling(type: "interval", one: "P1M", other: "P30D", different: "P31D"),
        KeySpelling(type: "int4range", one: "[1,3)", other: "[1,2]", different: "[1,4)"),
        KeySpelling(type: "timetz", one: "14:15Z", other: "14:15:00Z", different: "14:15:01Z"),
    ]
}

extension PipelineTests {
    /// Of each type four rows in one batch: deleted by the other spelling; changed by it; come back by it; untouched.
    @Test func `a key is what the server sees, however it is written`() async throws {
        let types = KeySpelling.all
        let extensions = """
            create extension if not exists citext;
            create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            """
        let tables = types.map {
            "create table \($0.table) (k \($0.type), n int, v int, primary key (k, n));"
        }
        let own = try TopicSink(
            lab,
            "key_spellings",
            tables: extensions + tables.joined(),
            properties: ["collection.name.format": "${source.table}", "delete.enabled": "true"]
        )
        var records: [(key: String, value: String?)] = []
        for type in types {
            func key(_ text: String, _ number: Int) -> String { #"{"k":"\#(text)","n":\#(number)}"# }
            func change(_ text: String, _ number: Int, _ value: Int?) {
                let key = key(text, number)
                let row = value.map { #"{"k":"\#(text)","n":\#(number),"v":\#($0)}"# } ?? "null"
                let before = value == nil ? key : "null"
                let operation = value == nil ? "d" : "u"
                records.append(
                    (
                        key,
                        #"{"op":"\#(operation)","before":\#(before),"after":\#(row),"source":{"table":"\#(type.table)"}}"#
                    )
                )
            }
            change(type.one, 1, 10)
            change(type.other, 1, nil)
            change(type.one, 2, 20)
            change(type.other, 2, 21)
            change(type.one, 3, nil)
            change(type.other, 3, 31)
            change(type.one, 3, nil)
            change(type.one, 3, 32)
            change(type.different, 2, 40)
        }
        try own.produce(records)
        try await own.apply(records.count, ["batch.size": "5000"])
        for type in types {
            let rows = try own.query("select n, v from \(type.table) order by n, v")
            #expect(rows == "2|21\n2|40\n3|32", "\(type.type)")
        }
        try own.query(types.map { "drop table \($0.table);" }.joined() + "drop collation ci")
    }
}
