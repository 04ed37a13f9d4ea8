import ChangeEvents
import Testing

@testable import Sink

private func table(_ columns: String...) -> TableSchema {
    TableSchema(
        qualifiedName: "\"t\"",
        columns: [Column(name: "id", type: .integer, isKey: true)]
            + columns.map { Column(name: $0, type: .value(.json, castTo: "jsonb"), isKey: false) },
        keyCount: 1
    )
}

private let own = table("op", "source", "before", "after")
/// A row with columns like the parts of a change event, whose `after` has the key of another row.
private let row = #"{"id":1,"op":"c","source":{"x":1},"before":null,"after":{"id":2}}"#
private let event = #"{"op":"c","source":{"x":1},"before":null,"after":{"id":2}}"#

/// A schema of this name, with fields for both.
private func schema(_ name: String) -> String {
    let types = ["id": "int32", "op": "string"]
    let fields = ["id", "op", "source", "before", "after"].map { field in
        #"{"type":"\#(types[field] ?? "struct")","fields":[],"field":"\#(field)"}"#
    }
    return #"{"type":"struct","name":"\#(name)","fields":[\#(fields.joined(separator: ","))]}"#
}

/// The id of the row that a value writes where its key is in the value.
private func written(
    _ value: String,
    _ table: TableSchema = own,
    _ form: RecordForm = .auto,
    expectsRows: Bool = false
) throws -> Int64? {
    var modes = WriteModes()
    (modes.insertMode, modes.keyMode, modes.keyFields) = (.upsert, .recordValue, ["id"])
    (modes.recordForm, modes.expectsRows) = (form, expectsRows)
    var decoder = RecordDecoder(table: table, modes: modes)
    var row = Row(columnCount: table.columns.count)
    let bytes = Array(value.utf8)
    let isChange = try decoder.decode(
        key: nil,
        value: bytes.span.bytes,
        context: RecordContext(),
        into: &row
    )
    guard isChange, case .integer(let id) = row.cells[0] else { return nil }
    return id
}

struct RecordFormTests {
    @Test func `a row is a row where the configuration says so, whatever its columns are called`() throws {
        #expect(try written(row, own, .row) == 1)
        #expect(try written(#"{"schema":null,"payload":\#(row)}"#, own, .row) == 1)
    }

    @Test func `the configuration of a peer that reads rows only means rows`() throws {
        #expect(try written(row, own, expectsRows: true) == 1)
        // Where no column has such a name it can only be a change event.
        #expect(try written(event, table("name"), expectsRows: true) == 2)
    }

    @Test func `a value that may be either is refused, and the error names the way out`() {
        let error = #expect(throws: DecodeError.self) { try written(row) }
        #expect(error?.reason.contains("set record.form to envelope or row") == true)
        #expect(error?.concernsTable == true)
    }

    @Test func `a schema's name tells a change event from a row`() throws {
        #expect(try written(#"{"schema":\#(schema("a.b.Value")),"payload":\#(row)}"#) == 1)
        #expect(try written(#"{"schema":\#(schema("a.b.Envelope")),"payload":\#(event)}"#) == 2)
    }

    @Test func `a change event is one where the configuration says so, and a row is refused`() throws {
        #expect(try written(event, own, .envelope) == 2)
        let error = #expect(throws: DecodeError.self) { try written(#"{"id":1}"#, own, .envelope) }
        #expect(error?.reason.contains("record.form is envelope") == true)
    }

    @Test func `a table without such columns takes both forms`() throws {
        #expect(try written(event, table("name")) == 2)
        #expect(try written(#"{"id":1}"#, table("name")) == 1)
        #expect(try written(event, table("op", "source")) == 2)
    }

    @Test(
        arguments: [
            ("io.confluent.connect.jdbc.JdbcSinkConnector", nil, true),
            ("io.aiven.connect.jdbc.JdbcSinkConnector", nil, true),
            ("io.confluent.connect.jdbc.JdbcSinkConnector", "unwrap", false),
            ("io.debezium.connector.jdbc.JdbcSinkConnector", nil, false), (nil, nil, false),
        ] as [(String?, String?, Bool)]
    )
    func `the class and its transforms say whether rows are expected`(
        connector: String?,
        transforms: String?,
        expected: Bool
    ) throws {
        let configuration = try ConfigurationFixture.read([
            "connector.class": connector, "transforms": transforms,
            "transforms.unwrap.type": transforms.map { _ in PropertyReader.unwrapping },
            "transforms.unwrap.delete.tombstone.handling.mode": transforms.map { _ in "tombstone" },
        ])
        #expect(configuration.modes.expectsRows == expected)
    }
}
