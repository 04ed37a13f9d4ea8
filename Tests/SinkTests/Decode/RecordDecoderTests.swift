import Shared
import Testing

@testable import Sink

/// A table with a column of each supported kind.
private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true), Column(name: "v", type: .bigint, isKey: false),
        Column(name: "flag", type: .boolean, isKey: false),
        Column(name: "note", type: .text(castTo: nil), isKey: false),
        Column(name: "ratio", type: .number(castTo: "double precision"), isKey: false),
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
            #"{"before":null,"after":{"id":1,"v":9007199254740993,"flag":true,"note":"a\tb","ratio":1.25},"op":"\#(operation)"}"#
        let decoded = try #require(try decode(key: #"{"id":1}"#, value: event))
        #expect(decoded.change == .upsert)
        #expect(decoded.cells == ["1", "9007199254740993", "1", "a\tb", "1.25"])
    }

    @Test func `schemas in key and value change nothing`() throws {
        let key = #"{"schema":{"type":"struct"},"payload":{"id":1}}"#
        let value =
            #"{"schema":{"type":"struct"},"payload":{"before":null,"after":{"id":1,"v":null},"op":"u"}}"#
        let decoded = try #require(try decode(key: key, value: value))
        #expect(decoded.cells == ["1", "null", "-", "-", "-"])
    }

    @Test(arguments: [
        nil, "null", #"{"schema":null,"payload":null}"#, #"{"before":{"id":4},"after":null,"op":"d"}"#,
    ])
    func `a tombstone in any form and a delete remove the row, if that is wanted`(value: String?) throws {
        let decoded = try #require(try decode(key: #"{"id":4}"#, value: value))
        #expect(decoded.change == .delete)
        #expect(decoded.cells[0] == "4")
        #expect(try decode(key: #"{"id":4}"#, value: value, deletesRows: false) == nil)
    }

    @Test(arguments: [#"{"op":"t"}"#, #"{"op":"m","message":{}}"#])
    func `truncates and messages change no row`(value: String) throws {
        #expect(try decode(key: nil, value: value) == nil)
    }

    @Test func `a primitive key stands for the only key column`() throws {
        #expect(try decode(key: "7", value: nil)?.cells[0] == "7")
    }

    @Test(
        arguments: [
            (nil, #"{"after":{"id":1},"op":"c"}"#, "no key"),
            (#"{"id":null}"#, #"{"after":{"id":1},"op":"c"}"#, "null"),
            ("{}", #"{"after":{"id":1},"op":"c"}"#, "lacks id"),
            (#"{"other":1}"#, #"{"after":{"id":1},"op":"c"}"#, "other"),
            (#"{"id":1}"#, #"{"after":{"id":1,"extra":1},"op":"c"}"#, "extra"),
            (#"{"id":1}"#, #"{"after":{"id":1,"v":"1"},"op":"c"}"#, "v"),
            (#"{"id":1}"#, #"{"after":{"id":1,"v":1.5},"op":"c"}"#, "fraction"),
            (#"{"id":3000000000}"#, #"{"after":{"id":1},"op":"c"}"#, "range"),
            (#"{"id":1}"#, #"{"after":null,"op":"c"}"#, "no row"),
            (#"{"id":1}"#, #"{"after":{"id":1,"note":"__debezium_unavailable_value"},"op":"u"}"#, "note"),
            (#"{"id":1}"#, "", "ends too early"),
            (#"{"id":1}"#, "{}", "op"),
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
        let event = #"{"after":{"note":"n","id":2,"v":3},"op":"c"}"#
        #expect(try decode(key: #"{"id":2}"#, value: event)?.cells == ["2", "3", "-", "n", "-"])
    }
}
