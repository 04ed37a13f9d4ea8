// Longer than other files: it is the table of schemas and the statements that they become.
import Testing

@testable import Sink

private func envelope(_ fields: String) -> String {
    """
    {"schema":{"type":"struct","fields":[
      {"type":"struct","fields":[\(fields)],"optional":true,"field":"before"},
      {"type":"struct","fields":[\(fields)],"optional":true,"field":"after"},
      {"type":"struct","fields":[{"type":"string","field":"db"}],"field":"source"},
      {"type":"string","field":"op"}]},"payload":{"op":"c"}}
    """
}

private func key(_ fields: String) -> String {
    #"{"schema":{"type":"struct","fields":[\#(fields)]},"payload":{}}"#
}

private let id = #"{"type":"int32","optional":false,"default":0,"field":"ID"}"#

private func schema(key keyText: String? = key(id), value: String) throws -> RecordSchema {
    let bytes = Array(value.utf8)
    let keyBytes = keyText.map { Array($0.utf8) }
    let schema = try RecordSchema(key: nil, value: bytes.span.bytes)
    var found = try #require(schema)
    if let keyBytes { found.key = try ConnectField.schema(of: keyBytes.span.bytes) }
    return found
}

private func modes(_ keyMode: KeyMode = .recordKey, _ keyFields: [String] = []) -> WriteModes {
    var modes = WriteModes()
    (modes.keyMode, modes.keyFields) = (keyMode, keyFields)
    return modes
}

private func create(
    _ schema: RecordSchema,
    _ modes: WriteModes = modes(),
    name: String = "t"
) -> String {
    do throws(SinkError) {
        return try TableDefinition(name: name, modes: modes).creating(schema)
    } catch {
        return error.description
    }
}

private func add(_ fields: [ConnectField]) -> String {
    do throws(SinkError) {
        return try TableDefinition(name: "s.t", modes: modes()).adding(fields)
    } catch {
        return error.description
    }
}

struct TableDefinitionTests {
    @Test func `a table has its key, what is required, and plain defaults`() throws {
        let fields = #"""
            \#(id),
            {"type":"string","optional":false,"field":"Name"},
            {"type":"string","optional":true,"default":"it's","field":"note"},
            {"type":"int64","optional":true,"default":-7,"field":"count"},
            {"type":"boolean","optional":false,"default":true,"field":"on"},
            {"type":"int64","name":"io.debezium.time.MicroTimestamp","optional":false,"default":0,"field":"at"}
            """#
        #expect(
            create(try schema(value: envelope(fields)), name: "s.t")
                == "create table if not exists \"s\".\"t\" (\"id\" integer not null, \"name\" text not null, "
                + "\"note\" text default 'it''s', \"count\" bigint default -7, "
                + "\"on\" boolean not null default true, "
                + "\"at\" timestamp(6) not null default '1970-01-01 00:00:00'::timestamp(6), primary key (\"id\"))"
        )
    }

    @Test func `a row without an envelope makes the same table`() throws {
        let value = #"{"schema":{"type":"struct","fields":[\#(id)]},"payload":{"ID":1}}"#
        #expect(
            create(try schema(value: value))
                == #"create table if not exists "t" ("id" integer not null, primary key ("id"))"#
        )
    }

    @Test(
        arguments: [
            (.none, [], #""id" integer not null default 0"#),
            (
                .kafka, KeyMode.kafkaColumns,
                #""__connect_topic" text not null, "__connect_partition" integer not null, "#
                    + #""__connect_offset" bigint not null, "id" integer not null default 0, "#
                    + #"primary key ("__connect_topic", "__connect_partition", "__connect_offset")"#
            ),
            (.recordValue, ["id"], #""id" integer not null, primary key ("id")"#),
        ] as [(KeyMode, [String], String)]
    )
    func `the key is what its mode says`(mode: KeyMode, fields: [String], columns: String) throws {
        let found = create(try schema(value: envelope(id)), modes(mode, fields))
        #expect(found == "create table if not exists \"t\" (\(columns))")
    }

    @Test func `a key of one value needs a name`() throws {
        let primitive = try schema(
            key: #"{"schema":{"type":"int64"},"payload":1}"#,
            value: envelope(#"{"type":"string","field":"a"}"#)
        )
        #expect(create(primitive).contains("name its column in primary.key.fields"))
        #expect(
            create(primitive, modes(.recordKey, ["no"])).contains(
                #"("no" bigint not null, "a" text not null"#
            )
        )
    }

    @Test(
        arguments: [
            (.recordValue, [], "makes no key without primary.key.fields"),
            (.recordValue, ["other"], "has no field other"),
            (.recordHeader, ["id"], "headers have no schema"),
        ] as [(KeyMode, [String], String)]
    )
    func `a key that the record does not give is refused`(mode: KeyMode, fields: [String], reason: String)
        throws
    {
        #expect(create(try schema(value: envelope(id)), modes(mode, fields)).contains(reason))
    }

    @Test func `two names that are one in lower case are refused`() throws {
        let fields = #"\#(id),{"type":"string","field":"a"},{"type":"string","field":"A"}"#
        #expect(create(try schema(value: envelope(fields))).contains("two fields"))
    }

    @Test func `a column of unknown type is refused by its name`() throws {
        let field = #"{"type":"int64","name":"io.debezium.time.NanoDuration","field":"Lasts"}"#
        let reason = create(try schema(value: envelope("\(id),\(field)")))
        #expect(reason.contains("column lasts has Connect type io.debezium.time.NanoDuration"))
    }

    @Test func `new columns come in one statement`() {
        var count = ConnectField(name: "Count", type: "int32", isOptional: false)
        count.fallback = .word("5")
        #expect(
            add([ConnectField(name: "a\"b", type: "string", isOptional: true), count])
                == #"alter table "s"."t" add column if not exists "a""b" text, "#
                + #"add column if not exists "count" integer not null default 5"#
        )
    }

    @Test(arguments: [("it's", "'it''s'"), (#"a\'b"#, #"E'a\\''b'"#), ("", "''")])
    func `a default of text is the literal that means it`(text: String, literal: String) {
        let field = ConnectField(name: "a", type: "string", isOptional: true, fallback: .text(text))
        #expect(add([field]).hasSuffix("text default \(literal)"))
    }

    @Test(
        arguments: [
            (#"{"type":"int32","name":"io.debezium.time.Date","default":17424}"#, "'2017-09-15'::date"),
            (
                #"{"type":"int64","name":"io.debezium.time.Timestamp","default":1505476800123}"#,
                "'2017-09-15 12:00:00.123'::timestamp(3)"
            ),
            (
                #"{"type":"string","name":"io.debezium.time.ZonedTimestamp","default":"1970-01-01T00:00:00Z"}"#,
                "'1970-01-01 00:00:00+00'::timestamptz"
            ),
            (
                #"{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","default":"AeJA","#
                    + #""parameters":{"scale":"2","connect.decimal.precision":"8"}}"#,
                "'1234.56'::numeric(8,2)"
            ),
            (
                #"{"type":"string","name":"io.debezium.data.Uuid","default":"9bc6a215-84b5-4865-a058-9156427c887a"}"#,
                "'9bc6a215-84b5-4865-a058-9156427c887a'::uuid"
            ),
            (
                #"{"type":"string","name":"io.debezium.data.Json","default":"{\"a\":\"it's\"}"}"#,
                #"'{"a":"it''s"}'::json"#
            ),
            (
                #"{"type":"int64","name":"io.debezium.time.MicroDuration","default":90000000}"#,
                "'00:01:30'::interval"
            ),
            (#"{"type":"array","items":{"type":"int32"},"default":[1,2]}"#, #"'{"1","2"}'::integer[]"#),
            (#"{"type":"array","items":{"type":"string"},"default":[]}"#, "'{}'::text[]"),
            (#"{"type":"bytes","default":"AQID"}"#, #"E'\\x010203'::bytea"#),
        ] as [(String, String)]
    )
    func `a default of any type that the server brings is the value that a record would have`(
        schema text: String,
        literal: String
    ) throws {
        let field = text.dropLast() + #","optional":false,"field":"v"}"#
        let made = create(try schema(value: envelope("\(id),\(field)")))
        #expect(made.contains(" not null default \(literal), primary key"), "\(made)")
    }

    @Test(arguments: [
        #"{"type":"int64","name":"io.debezium.time.Timestamp","default":"now"}"#,
        #"{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","default":"AeJA"}"#,
        #"{"type":"array","items":{"type":"int32"},"default":[1.5]}"#,
        #"{"type":"string","name":"io.debezium.data.Uuid","default":"a\u0000b"}"#,
    ])
    func `a default that is no value of its type is left out`(text: String) throws {
        let field = text.dropLast() + #","optional":true,"field":"v"}"#
        #expect(!create(try schema(value: envelope("\(id),\(field)"))).contains("default"))
    }

    @Test(arguments: [
        #"{"type":"string","name":"io.debezium.time.ZonedTimestamp","default":"1970-01-01T00:00:00Z"}"#,
        #"{"type":"int64","name":"io.debezium.time.MicroTimestamp","default":0}"#,
        #"{"type":"int32","name":"io.debezium.time.Date","default":0}"#,
    ])
    func `rows that are there do not get the epoch, which stands for now()`(text: String) throws {
        func field(_ isOptional: Bool) throws -> ConnectField {
            let field = text.dropLast() + #","optional":\#(isOptional),"field":"v"}"#
            let record = try schema(value: envelope("\(id),\(field)"))
            return try #require(record.row.first { $0.name == "v" })
        }
        #expect(add([try field(false)]).contains("rows that are there would have no value"))
        #expect(!add([try field(true)]).contains("default"))
    }

    @Test func `a new required column without a default is refused with the reason`() {
        let reason = add([ConnectField(name: "a", type: "string", isOptional: false)])
        #expect(reason.contains("column a is new and required"))
        #expect(reason.contains("rows that are there would have no value"))
    }

    @Test func `fields that the table lacks are found, but for those of the key`() throws {
        let table = TableSchema(
            qualifiedName: "\"t\"",
            columns: [Column(name: "a", type: .integer, isKey: true)],
            keyCount: 1
        )
        let fields = #"\#(id),{"type":"string","field":"A"},{"type":"string","field":"B"}"#
        let record = try schema(value: envelope(fields))
        #expect(record.missing(in: table, modes: modes()).map(\.name) == ["B"])
        #expect(record.missing(in: table, modes: modes(.recordValue)).map(\.name) == ["ID", "B"])
    }

    @Test(arguments: [#"{"op":"c"}"#, "7", #"{"schema":null,"payload":{"a":1}}"#])
    func `a record without a schema describes no table`(text: String) throws {
        let bytes = Array(text.utf8)
        #expect(try RecordSchema(key: nil, value: bytes.span.bytes) == nil)
    }
}

struct ColumnTypeNameTests {
    @Test(
        arguments: [
            ("boolean", "boolean"), ("int8", "smallint"), ("int16", "smallint"), ("int32", "integer"),
            ("int64", "bigint"), ("float", "real"), ("double", "double precision"), ("string", "text"),
            ("bytes", "bytea"), ("map", "jsonb"), ("struct", "jsonb"), ("other", nil),
        ] as [(String, String?)]
    )
    func `Connect's types have columns`(type: String, sql: String?) {
        #expect(ColumnTypeName.sql(for: ConnectField(type: type)) == sql)
    }

    @Test(
        arguments: [
            ("bytes", "org.apache.kafka.connect.data.Decimal", ["scale": "2"], "numeric"),
            (
                "bytes", "org.apache.kafka.connect.data.Decimal",
                ["scale": "2", "connect.decimal.precision": "10"], "numeric(10,2)"
            ),
            ("struct", "io.debezium.data.VariableScaleDecimal", [:], "numeric"),
            ("int32", "io.debezium.time.Date", [:], "date"),
            ("int32", "io.debezium.time.Time", [:], "time(3)"),
            ("int64", "io.debezium.time.MicroTime", [:], "time(6)"),
            ("int64", "io.debezium.time.Timestamp", [:], "timestamp(3)"),
            ("int64", "io.debezium.time.MicroTimestamp", [:], "timestamp(6)"),
            ("string", "io.debezium.time.ZonedTimestamp", [:], "timestamptz"),
            ("int64", "io.debezium.time.MicroDuration", [:], "interval"),
            ("string", "io.debezium.time.IsoDate", [:], "text"),
            ("string", "io.debezium.data.Uuid", [:], "uuid"),
            ("string", "io.debezium.data.Json", [:], "json"),
            ("string", "io.debezium.data.Enum", [:], "text"),
            ("bytes", "io.debezium.data.Bits", ["length": "16"], "bit(16)"),
            ("bytes", "io.debezium.data.Bits", ["length": "2147483647"], "bit varying"),
            ("struct", "io.debezium.data.geometry.Point", [:], "point"),
            ("struct", "io.debezium.data.geometry.Geometry", [:], nil),
            ("array", "io.debezium.data.DoubleVector", [:], "vector"),
            ("string", "com.example.Name", [:], "text"), ("int32", "io.debezium.time.Year", [:], nil),
        ] as [(String, String, [String: String], String?)]
    )
    func `the schema's name says what the type stands for`(
        type: String,
        semantic: String,
        parameters: [String: String],
        sql: String?
    ) {
        let field = ConnectField(type: type, semantic: semantic, parameters: parameters)
        #expect(ColumnTypeName.sql(for: field) == sql)
    }

    @Test(
        arguments: [
            ("string", nil, "VARCHAR", "20", "varchar(20)"), ("string", nil, "VARCHAR", "2147483647", "text"),
            ("string", nil, "BPCHAR", "5", "char(5)"), ("string", nil, "CITEXT", nil, "citext"),
            ("string", nil, "MOOD", nil, "text"), ("int64", nil, "OID", nil, "oid"),
            ("string", "io.debezium.data.Json", "JSONB", nil, "jsonb"),
            ("string", nil, "DATE", nil, "text"),
            ("int64", "io.debezium.time.Timestamp", "DATE", nil, "timestamp(3)"),
            ("bytes", "io.debezium.data.Bits", "VARBIT", nil, "bit varying"),
        ] as [(String, String?, String, String?, String)]
    )
    func `the source's own type wins where it is known and fits`(
        type: String,
        semantic: String?,
        source: String,
        length: String?,
        sql: String
    ) {
        var field = ConnectField(type: type, semantic: semantic)
        field.parameters["__debezium.source.column.type"] = source
        field.parameters["__debezium.source.column.length"] = length
        #expect(ColumnTypeName.sql(for: field) == sql)
    }

    @Test(arguments: [("_INET", nil, "inet[]"), ("_VARCHAR", "5", "varchar(5)[]"), ("_TEXT", nil, "text[]")])
    func `an array has the elements' type at the source where it is known`(
        source: String,
        length: String?,
        sql: String
    ) {
        var field = ConnectField(type: "array", items: [ConnectField(type: "string")])
        field.parameters["__debezium.source.column.type"] = source
        field.parameters["__debezium.source.column.length"] = length
        #expect(ColumnTypeName.sql(for: field) == sql)
    }

    @Test func `an array has the type of its elements`() {
        let element = ConnectField(type: "int32", semantic: "io.debezium.time.Date")
        #expect(ColumnTypeName.sql(for: ConnectField(type: "array", items: [element])) == "date[]")
        #expect(ColumnTypeName.sql(for: ConnectField(type: "array")) == nil)
    }
}
