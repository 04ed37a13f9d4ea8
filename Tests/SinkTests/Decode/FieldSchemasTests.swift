import ChangeEvents
import Testing

@testable import Sink

private let table = TableSchema(
    qualifiedName: "\"t\"",
    columns: [
        Column(name: "id", type: .integer, isKey: true),
        Column(name: "price", type: .value(.numeric(scale: nil), castTo: "numeric"), isKey: false),
        Column(name: "at", type: .value(.timestamp(precision: 6), castTo: "timestamp"), isKey: false),
        Column(name: "tags", type: .value(.array(.date), castTo: "date[]"), isKey: false),
    ],
    keyCount: 1
)

private let fields = #"""
    {"type":"int32","optional":false,"field":"id"},
    {"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,
     "parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"Price"},
    {"type":"int64","name":"io.debezium.time.MicroTimestamp","version":1,"field":"at"},
    {"type":"array","items":{"type":"int32","name":"io.debezium.time.Date"},"optional":true,"field":"tags"}
    """#

private let envelope = #"""
    {"schema":{"type":"struct","fields":[
      {"type":"struct","fields":[{"type":"string","field":"price"}],"field":"before"},
      {"type":"struct","fields":[\#(fields)],"optional":true,"name":"t.Value","field":"after"},
      {"type":"struct","fields":[{"type":"string","field":"at"}],"field":"source"},
      {"type":"string","field":"op"}],"name":"t.Envelope"},"payload":{"op":"t"}}
    """#

private func schemas(_ texts: String...) throws -> FieldSchemas {
    var schemas = FieldSchemas()
    for text in texts { try schemas.update(Array(text.utf8).span.bytes, table) }
    return schemas
}

struct FieldSchemasTests {
    @Test func `an envelope's schemas are those of the row after the change`() throws {
        let found = try schemas(envelope, envelope)
        #expect(found[0] == FieldSchema(kind: .integer))
        #expect(found[1] == FieldSchema(kind: .bytes, semantic: .decimal, scale: 2))
        #expect(found[2] == FieldSchema(kind: .integer, semantic: .timestamp(.microseconds)))
        #expect(found[3]?.items == [FieldSchema(kind: .integer, semantic: .date)])
    }

    @Test func `a row without an envelope has its schemas at the top`() throws {
        let found = try schemas(#"{"schema":{"type":"struct","fields":[\#(fields)]},"payload":{}}"#)
        #expect(found[2]?.semantic == .timestamp(.microseconds))
    }

    @Test func `the one value of a primitive key has the schema itself`() throws {
        let found = try schemas(
            #"{"schema":{"type":"int64","name":"io.debezium.time.Timestamp"},"payload":1}"#
        )
        #expect(found[0]?.semantic == .timestamp(.milliseconds))
    }

    @Test(arguments: ["{\"op\":\"c\"}", "7", #"{"schema":null,"payload":null}"#])
    func `a record without a schema forgets the former one`(text: String) throws {
        #expect(try schemas(envelope, text)[1] == nil)
    }

    @Test func `another schema replaces the former one`() throws {
        let other = envelope.replacing("\"scale\":\"2\"", with: "\"scale\":\"7\"")
        #expect(try schemas(envelope, other)[1]?.scale == 7)
        #expect(try schemas(other, envelope)[1]?.scale == 2)
    }
}
