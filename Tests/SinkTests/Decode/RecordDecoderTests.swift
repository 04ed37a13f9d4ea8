// Longer than other files: it is the table of records and the rows that they become.
import ChangeEvents
import Testing

@testable import Sink

/// A table with a column of each supported kind.
private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true), Column(name: "v", type: .bigint, isKey: false),
        Column(name: "flag", type: .boolean, isKey: false),
        Column(name: "note", type: .value(.text(limit: nil), castTo: nil), isKey: false),
        Column(
            name: "ratio",
            type: .value(.float(maximumDigits: 17), castTo: "double precision"),
            isKey: false
        ),
    ],
    keyCount: 1
)

extension WriteModes {
    /// What the tutorials of Debezium configure.
    fileprivate static let upserts: WriteModes = {
        var modes = WriteModes()
        modes.insertMode = .upsert
        modes.keyMode = .recordKey
        return modes
    }()
}

/// The decoded cells as text, or `nil` when the record changes nothing.
private func decode(
    key: String?,
    value: String?,
    deletesRows: Bool = true,
    modes: WriteModes = .upserts
) throws -> (change: Row.Change, cells: [String])? {
    var modes = modes
    modes.deletesRows = deletesRows
    var decoder = RecordDecoder(table: table, modes: modes)
    var row = Row(columnCount: table.columns.count)
    let keyBytes = key.map { Array($0.utf8) }
    let valueBytes = value.map { Array($0.utf8) }
    let isChange = try decoder.decode(
        key: keyBytes?.span.bytes,
        value: valueBytes?.span.bytes,
        context: RecordContext(),
        into: &row
    )
    guard isChange else { return nil }
    return (
        row.change,
        row.cells.map { cell in
            switch cell {
            case .absent: return "-"
            case .null: return "null"
            case .integer(let value): return String(value)
            case .text(let range): return String(decoding: row.bytes[range], as: UTF8.self)
            }
        }
    )
}

struct RecordDecoderTests {
    @Test(arguments: ["c", "u", "r"])
    func `create, update and snapshot read carry the row after the change`(operation: String) throws {
        let event =
            #"{"before":null,"after":{"id":1,"v":9007199254740993,"flag":true,"note":"a\tb","ratio":1.25},"source":{},"op":"\#(operation)"}"#
        let decoded = try #require(try decode(key: #"{"id":1}"#, value: event))
        #expect(decoded.change == .upsert)
        #expect(decoded.cells == ["1", "9007199254740993", "1", "a\tb", "1.25"])
    }

    @Test func `a name that is written with escapes is the same name`() throws {
        let event = #"{"before":null,"\u0061fter":{"\u0069d":1,"v":2},"source":{},"o\u0070":"c"}"#
        let decoded = try #require(try decode(key: #"{"\u0069\u0064":1}"#, value: event))
        #expect(decoded.change == .upsert && decoded.cells == ["1", "2", "-", "-", "-"])
        let deleted = try #require(try decode(key: #"{"id":1}"#, value: #"{"id":1,"__delete\u0064":"true"}"#))
        #expect(deleted.change == .delete)
        let extra = try #require(try decode(key: #"{"id":1}"#, value: #"{"id":1,"\u005f_op":"c"}"#))
        #expect(extra.cells == ["1", "-", "-", "-", "-"])
    }

    @Test func `schemas in key and value change nothing`() throws {
        let key = #"{"schema":{"type":"struct"},"payload":{"id":1}}"#
        let value =
            #"{"schema":{"type":"struct"},"payload":{"before":null,"after":{"id":1,"v":null},"source":{},"op":"u"}}"#
        let decoded = try #require(try decode(key: key, value: value))
        #expect(decoded.cells == ["1", "null", "-", "-", "-"])
    }

    @Test(arguments: [
        nil, "null", #"{"schema":null,"payload":null}"#,
        #"{"before":{"id":4},"after":null,"source":{},"op":"d"}"#,
    ])
    func `a tombstone in any form and a delete remove the row, if that is wanted`(value: String?) throws {
        let decoded = try #require(try decode(key: #"{"id":4}"#, value: value))
        #expect(decoded.change == .delete)
        #expect(decoded.cells[0] == "4")
        #expect(try decode(key: #"{"id":4}"#, value: value, deletesRows: false) == nil)
    }

    @Test(arguments: [
        #"{"before":null,"after":null,"source":{},"op":"t"}"#, #"{"source":{},"op":"m","message":{}}"#,
    ])
    func `truncates and messages change no row`(value: String) throws {
        #expect(try decode(key: nil, value: value) == nil)
    }

    @Test func `a primitive key stands for the only key column`() throws {
        #expect(try decode(key: "7", value: nil)?.cells[0] == "7")
    }

    @Test(
        arguments: [
            (nil, #"{"after":{"id":1},"source":{},"op":"c"}"#, "no key"),
            (#"{"id":null}"#, #"{"after":{"id":1},"source":{},"op":"c"}"#, "null"),
            ("{}", #"{"after":{"id":1},"source":{},"op":"c"}"#, "lacks id"),
            (#"{"other":1}"#, #"{"after":{"id":1},"source":{},"op":"c"}"#, "other"),
            (#"{"id":1}"#, #"{"after":{"id":1,"extra":1},"source":{},"op":"c"}"#, "extra"),
            (#"{"id":1}"#, #"{"after":{"id":1,"v":"1"},"source":{},"op":"c"}"#, "v"),
            (#"{"id":1}"#, #"{"after":{"id":1,"v":1.5},"source":{},"op":"c"}"#, "fraction"),
            (#"{"id":3000000000}"#, #"{"after":{"id":1},"source":{},"op":"c"}"#, "range"),
            (#"{"id":1}"#, #"{"after":null,"source":{},"op":"c"}"#, "no row"),
            (
                #"{"id":1}"#,
                #"{"after":{"id":1,"note":"__debezium_unavailable_value"},"source":{},"op":"c"}"#, "note"
            ),
            (#"{"id":1}"#, "", "ends too early"),
            (#"{"id":1}"#, "{}", "no fields"),
            (#"{"id":1}"#, "[]", "no object"),
            (#"{"id":1}"#, #"{"after":{"id":1},"source":{},"op":"z"}"#, "operation"),
            (#"{"id":1}"#, #"{"after":{"id":1},"op":"c"}"#, "column after"),
            (#"{"id":1}"#, #"{"id":1,"__deleted":"perhaps"}"#, "__deleted"),
            (#"{"id":1}"#, #"{"id":1,"_v":1}"#, "_v"),
        ] as [(String?, String, String)]
    )
    func `a record that cannot be carried is refused with the reason`(
        key: String?,
        value: String,
        part: String
    ) {
        let error = #expect(throws: DecodeError.self) { try decode(key: key, value: value) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "no error")")
    }

    @Test func `columns are found whatever their order`() throws {
        let event = #"{"after":{"note":"n","id":2,"v":3},"source":{},"op":"c"}"#
        #expect(try decode(key: #"{"id":2}"#, value: event)?.cells == ["2", "3", "-", "n", "-"])
    }

    @Test func `a truncate empties the table, if that is wanted`() throws {
        var modes = WriteModes.upserts
        modes.truncatesTables = true
        let event = #"{"before":null,"after":null,"source":{},"op":"t"}"#
        #expect(try decode(key: nil, value: event, modes: modes)?.change == .truncate)
    }

    @Test func `a flattened record is the row itself`() throws {
        let value = #"{"id":1,"v":2,"op":"x","__op":"u","__lsn":5,"__deleted":"false"}"#
        let row = value.replacing(#""op":"x","#, with: "")
        let decoded = try #require(try decode(key: #"{"id":1}"#, value: row))
        #expect(decoded.change == .upsert && decoded.cells == ["1", "2", "-", "-", "-"])
        // A column that is not in the table is refused as ever.
        #expect(throws: DecodeError.self) { try decode(key: #"{"id":1}"#, value: value) }
    }

    @Test(arguments: ["true", #""true""#])
    func `a flattened record that says deleted removes the row, if that is wanted`(flag: String) throws {
        let value = #"{"id":1,"v":null,"__deleted":\#(flag)}"#
        #expect(try decode(key: #"{"id":1}"#, value: value)?.change == .delete)
        #expect(try decode(key: #"{"id":1}"#, value: value, deletesRows: false) == nil)
    }

    @Test func `an unchanged large value is no value at all`() throws {
        let event = #"{"after":{"id":1,"v":2,"note":"__debezium_unavailable_value"},"source":{},"op":"u"}"#
        #expect(try decode(key: #"{"id":1}"#, value: event)?.cells == ["1", "2", "-", "-", "-"])
        var inserts = WriteModes.upserts
        inserts.insertMode = .insert
        #expect(throws: DecodeError.self) { try decode(key: #"{"id":1}"#, value: event, modes: inserts) }
        var other = WriteModes.upserts
        other.placeholder = "gone"
        #expect(
            try decode(key: #"{"id":1}"#, value: event, modes: other)?.cells[3]
                == "__debezium_unavailable_value"
        )
    }
}

struct UnavailableValueTests {
    private func isPlaceholder(_ json: String, of type: ColumnType) -> Bool {
        let bytes = Array(json.utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        return UnavailableValue(UnavailableValue.defaultText)
            .consume(&scanner, of: Column(name: "c", type: type, isKey: false))
    }

    @Test(arguments: [
        #""__debezium_unavailable_value""#, #""X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==""#,
        #""5f5f646562657a69756d5f756e617661696c61626c655f76616c7565""#, #"["__debezium_unavailable_value"]"#,
        "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]",
        #"{"__debezium_unavailable_value":"__debezium_unavailable_value"}"#,
        #"["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]"#,
    ])
    func `every type has its form of the placeholder`(json: String) {
        #expect(isPlaceholder(json, of: .value(.json, castTo: "jsonb")))
    }

    @Test(arguments: [
        #""__debezium_unavailable_valu""#, #""X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==""#, "[95]",
    ])
    func `text that only resembles it is text`(json: String) {
        #expect(!isPlaceholder(json, of: .value(.text(limit: nil), castTo: nil)))
    }

    @Test func `fields that are left out are not written, with and without a column`() throws {
        let filter = try ConfigurationFixture.read(["field.exclude.list": "t:v,note,extra,ID"]).fieldFilter
        var decoder = RecordDecoder(table: table, modes: .upserts, filter: filter, topic: "t")
        var row = Row(columnCount: table.columns.count)
        for _ in 0..<2 {
            let key = Array(#"{"id":1}"#.utf8)
            let value = Array(
                #"{"op":"u","before":null,"source":{},"after":{"id":1,"extra":[{}],"v":"no number","flag":true,"note":"x"}}"#
                    .utf8
            )
            let isChange = try decoder.decode(
                key: key.span.bytes,
                value: value.span.bytes,
                context: RecordContext(),
                into: &row
            )
            #expect(isChange)
            let present = row.cells.map { cell in
                if case .absent = cell { return false }
                return true
            }
            #expect(present == [true, false, true, false, false])
        }
    }

    @Test func `names are matched in their case where quote.identifiers says so`() throws {
        var modes = WriteModes.upserts
        modes.identifiers = .preserved
        let quoted = TableSchema(
            qualifiedName: "\"T\"",
            columns: [
                Column(name: "Id", type: .integer, isKey: true),
                Column(name: "v", type: .bigint, isKey: false),
                Column(name: "V", type: .bigint, isKey: false),
            ],
            keyCount: 1,
            identifiers: .preserved
        )
        var decoder = RecordDecoder(table: quoted, modes: modes)
        var row = Row(columnCount: 3)
        let key = Array(#"{"Id":1}"#.utf8)
        let value = Array(#"{"op":"c","before":null,"source":{},"after":{"Id":1,"V":2,"v":3}}"#.utf8)
        _ = try decoder.decode(
            key: key.span.bytes,
            value: value.span.bytes,
            context: RecordContext(),
            into: &row
        )
        guard case .integer(3) = row.cells[1], case .integer(2) = row.cells[2] else {
            Issue.record("the columns are mixed up")
            return
        }
        let folded = Array(#"{"id":1}"#.utf8)
        #expect(throws: DecodeError.self) {
            try decoder.decode(
                key: folded.span.bytes,
                value: value.span.bytes,
                context: RecordContext(),
                into: &row
            )
        }
    }
}

/// Columns that the sink does not write, and fields that have them.
struct PassedOverTests {
    private func decode(_ value: String, filter: FieldFilter = FieldFilter()) throws -> Int {
        let schema = TableSchema(
            qualifiedName: "t",
            columns: [
                Column(name: "id", type: .integer, isKey: true),
                Column(name: "createdAt", type: .bigint, isKey: false),
            ],
            keyCount: 1,
            passedOver: ["area"],
            uncarried: [UncarriedColumn(name: "pair", type: "app.pair")]
        )
        var decoder = RecordDecoder(table: schema, modes: .upserts, filter: filter, topic: "t")
        var row = Row(columnCount: 2)
        let (key, bytes) = (Array(#"{"id":1}"#.utf8), Array(value.utf8))
        // The second one meets what was learned from the first.
        for _ in 0..<2 {
            _ = try decoder.decode(
                key: key.span.bytes,
                value: bytes.span.bytes,
                context: RecordContext(),
                into: &row
            )
        }
        guard case .integer(let value) = row.cells[1] else { return -1 }
        return Int(value)
    }

    @Test func `a computed column that a record has is left to the server`() throws {
        #expect(try decode(#"{"id":1,"area":9,"createdAt":7}"#) == 7)
        #expect(try decode(#"{"after":{"id":1,"Area":9,"createdAt":7},"source":{},"op":"r"}"#) == 7)
    }

    @Test func `a column with capitals is found by its exact name where names are folded`() throws {
        #expect(try decode(#"{"id":1,"createdAt":7}"#) == 7)
        #expect(throws: DecodeError.self) { try decode(#"{"id":1,"createdat":7}"#) }
    }

    @Test func `a column that can't be carried is refused only in a record that has it`() throws {
        #expect(try decode(#"{"id":1,"createdAt":7}"#) == 7)
        let error = #expect(throws: DecodeError.self) { try decode(#"{"id":1,"pair":null}"#) }
        #expect(error?.reason.contains("column pair has type app.pair") == true)
        #expect(error?.concernsTable == true)
        let filter = try ConfigurationFixture.read(["field.exclude.list": "pair"]).fieldFilter
        #expect(try decode(#"{"id":1,"pair":{"a":1},"createdAt":7}"#, filter: filter) == 7)
    }

    @Test func `a row with columns called schema and payload is the row`() throws {
        let schema = TableSchema(
            qualifiedName: "t",
            columns: [
                Column(name: "id", type: .integer, isKey: true),
                Column(name: "schema", type: .value(.json, castTo: "jsonb"), isKey: false),
                Column(name: "payload", type: .value(.json, castTo: "jsonb"), isKey: false),
            ],
            keyCount: 1
        )
        for value in [
            #"{"id":1,"schema":{"a":1},"payload":{"b":2}}"#, #"{"schema":{"a":1},"payload":{"b":2},"id":1}"#,
            #"{"schema":{"type":"struct","fields":[]},"payload":{"b":2},"id":1}"#,
            #"{"schema":null,"id":1,"payload":{"b":2}}"#,
        ] {
            var decoder = RecordDecoder(table: schema, modes: .upserts)
            var row = Row(columnCount: 3)
            let (key, bytes) = (Array(#"{"id":1}"#.utf8), Array(value.utf8))
            _ = try decoder.decode(
                key: key.span.bytes,
                value: bytes.span.bytes,
                context: RecordContext(),
                into: &row
            )
            guard case .text(let range) = row.cells[2] else {
                Issue.record("no payload in \(value)")
                continue
            }
            #expect(String(decoding: row.bytes[range], as: UTF8.self) == #"{"b":2}"#)
            if case .absent = row.cells[1] { Issue.record("no schema in \(value)") }
        }
    }
}
