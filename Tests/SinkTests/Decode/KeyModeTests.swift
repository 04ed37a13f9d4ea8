import ChangeEvents
import Testing
import Text

@testable import Sink

private func decode(
    _ mode: KeyMode,
    fields: [String] = [],
    columns: [(String, ColumnType)] = [("id", .integer)],
    key: String? = nil,
    value: String?,
    headers: [String: String] = [:]
) throws -> (change: Row.Change, cells: [String])? {
    var modes = WriteModes()
    (modes.keyMode, modes.keyFields, modes.deletesRows) = (mode, fields, mode.canDelete)
    let keyColumns = columns.map { Column(name: $0.0, type: $0.1, isKey: true) }
    let rest = [Column(name: "v", type: .bigint, isKey: false)]
    let table = TableSchema(
        qualifiedName: "\"t\"",
        columns: keyColumns + rest,
        keyCount: keyColumns.count
    )
    var decoder = RecordDecoder(table: table, modes: modes)
    var row = Row(columnCount: table.columns.count)
    let keyBytes = key.map { Array($0.utf8) }
    let valueBytes = value.map { Array($0.utf8) }
    let isChange = try decoder.decode(
        key: keyBytes?.span.bytes,
        value: valueBytes?.span.bytes,
        context: RecordContext(
            topic: "to\"pic",
            partition: 3,
            offset: 41,
            headers: .init(uniqueKeysWithValues: headers.map { (ExactText($0), Array($1.utf8)) })
        ),
        into: &row
    )
    return isChange ? (row.change, row.texts) : nil
}

extension Row {
    fileprivate var texts: [String] {
        cells.map { cell in
            switch cell {
            case .absent: return "-"
            case .null: return "null"
            case .integer(let value): return String(value)
            case .text(let range): return String(decoding: bytes[range], as: UTF8.self)
            }
        }
    }
}

private func create(_ row: String) -> String {
    #"{"before":null,"after":\#(row),"source":{},"op":"c"}"#
}

struct KeyModeTests {
    @Test func `without a key all columns come from the value, whatever the record's key is`() throws {
        let decoded = try decode(.none, columns: [], key: "garbage", value: create(#"{"v":1}"#))
        #expect(decoded?.cells == ["1"])
    }

    @Test func `a record's place in Kafka is a key`() throws {
        let columns: [(String, ColumnType)] = [
            ("__connect_topic", .value(.text(limit: nil), castTo: nil)), ("__connect_partition", .integer),
            ("__connect_offset", .bigint),
        ]
        let decoded = try decode(
            .kafka,
            fields: KeyMode.kafkaColumns,
            columns: columns,
            value: create(#"{"v":1}"#)
        )
        #expect(decoded?.cells == ["to\"pic", "3", "41", "1"])
    }

    @Test func `primary key fields choose some of the record key's`() throws {
        let key = #"{"id1":1,"id":2}"#
        #expect(try decode(.recordKey, fields: ["id"], key: key, value: nil)?.cells == ["2", "-"])
        #expect(throws: DecodeError.self) { try decode(.recordKey, key: key, value: nil) }
    }

    @Test func `the key may stand in the value, and before it for deletes`() throws {
        #expect(try decode(.recordValue, value: create(#"{"id":5,"v":1}"#))?.cells == ["5", "1"])
        let delete = #"{"before":{"v":9,"id":5,"gone":1},"after":null,"source":{},"op":"d"}"#
        let decoded = try #require(try decode(.recordValue, value: delete))
        #expect(decoded.change == .delete && decoded.cells == ["5", "-"])
        #expect(throws: DecodeError.self) { try decode(.recordValue, value: create(#"{"id":null,"v":1}"#)) }
        #expect(throws: DecodeError.self) {
            try decode(.recordValue, value: #"{"before":null,"after":null,"source":{},"op":"d"}"#)
        }
    }

    @Test(arguments: ["7", #"{"schema":{"type":"int32"},"payload":7}"#])
    func `the key may stand in headers`(header: String) throws {
        let decoded = try decode(.recordHeader, value: create(#"{"v":1}"#), headers: ["id": header])
        #expect(decoded?.cells == ["7", "1"])
    }

    @Test(arguments: [("12", "12"), ("a\"b", "a\"b"), (#""quoted""#, "quoted"), ("true", "true")])
    func `a header of a text column is JSON or the text itself`(header: String, text: String) throws {
        let decoded = try decode(
            .recordHeader,
            columns: [("id", .value(.text(limit: nil), castTo: nil))],
            value: create(#"{"v":1}"#),
            headers: ["id": header]
        )
        #expect(decoded?.cells == [text, "1"])
    }

    @Test func `a header that is missing or of another type is refused`() {
        for headers in [[:], ["id": "x"], ["id": "null"], ["other": "1"]] {
            #expect(throws: DecodeError.self) {
                try decode(.recordHeader, value: create(#"{"v":1}"#), headers: headers)
            }
        }
    }

    @Test func `a tombstone means a row only where the record's key is the key`() throws {
        #expect(try decode(.recordKey, key: #"{"id":1}"#, value: nil)?.change == .delete)
        #expect(try decode(.recordValue, key: #"{"id":1}"#, value: nil) == nil)
        #expect(try decode(.recordHeader, value: nil, headers: ["id": "1"]) == nil)
    }
}
