// Longer than other files: it is the table of values and what each becomes, type by type.
import ChangeEvents
import Testing

@testable import Sink

/// The text that a value becomes for a column of this form, `nil` for null.
private func decode(_ json: String, _ form: ValueForm, _ schema: String? = nil, isKey: Bool = false) throws
    -> String?
{
    let column = Column(name: "v", type: .value(form, castTo: nil), isKey: isKey)
    var fieldSchema: FieldSchema? = nil
    if let schema {
        let bytes = Array(schema.utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        fieldSchema = try FieldSchema.read(&scanner).schema
    }
    let bytes = Array(json.utf8)
    var scanner = JSONScanner(bytes.span.bytes)
    var row = Row(columnCount: 1)
    try ValueDecoder.decode(&scanner, column, at: 0, schema: fieldSchema, into: &row)
    try scanner.finish()
    guard case .text(let range) = row.cells[0] else { return nil }
    return String(decoding: row.bytes[range], as: UTF8.self)
}

private func decimal(_ scale: Int) -> String {
    #"{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"\#(scale)"}}"#
}

/// One case: JSON, the column's form, the field's schema, the text or what the refusal says.
private struct Case: CustomTestStringConvertible {
    let json: String
    let form: ValueForm
    let schema: String?
    let expected: String

    init(_ json: String, _ form: ValueForm, _ expected: String, schema: String? = nil) {
        (self.json, self.form, self.schema, self.expected) = (json, form, schema, expected)
    }

    var testDescription: String { "\(json.prefix(60)) as \(form)" }
}

private func schema(_ type: String, _ name: String) -> String { #"{"type":"\#(type)","name":"\#(name)"}"# }

private let int32 = #"{"type":"int32"}"#
private let float64 = #"{"type":"double"}"#
private let int64Range = ValueForm.integer(.min ... .max)

/// What PostgreSQL assigns from one type to another without a loss; each was compared with its own cast.
struct AssignmentCastTests {
    @Test(arguments: [
        Case(#""AeJA""#, int64Range, "123456", schema: decimal(0)),
        Case(#""gA==""#, int64Range, "-128", schema: decimal(0)),
        Case(#""MDk=""#, int64Range, "123450000", schema: decimal(-4)),
        Case(#""fQA=""#, int64Range, "32", schema: decimal(3)),
        Case(
            #"{"scale":0,"value":"ATo="}"#,
            int64Range,
            "314",
            schema: schema("struct", "io.debezium.data.VariableScaleDecimal")
        ),
        Case("5.0", int64Range, "5"), Case("-1.20E+1", int64Range, "-12"),
        Case("1E18", int64Range, "1000000000000000000"),
        Case("0.000", int64Range, "0"), Case("9223372036854775807.0", int64Range, "9223372036854775807"),
        Case(#""AeJA""#, .float(maximumDigits: 17), "1234.56", schema: decimal(2)),
        // Base64 that looks like a number.
        Case(#""1234""#, .float(maximumDigits: 17), "-2658.824", schema: decimal(3)),
        Case("1", .boolean, "t"), Case("0", .boolean, "f", schema: #"{"type":"int16"}"#),
    ])
    fileprivate func `a number of another type is taken where it is the same number`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case("42", .text(limit: nil), "42", schema: int32), Case("-7", .paddedText, "-7", schema: int32),
        Case("true", .text(limit: nil), "true"),
        Case("false", .name, "false", schema: #"{"type":"boolean"}"#),
        Case(#""AeJA""#, .text(limit: nil), "1234.56", schema: decimal(2)),
        Case(#""AA==""#, .text(limit: nil), "0.00", schema: decimal(2)),
        Case("5.0", .text(limit: nil), "5", schema: float64),
        Case("0.5", .text(limit: nil), "0.5", schema: float64),
        Case("-1.5E-4", .text(limit: nil), "-0.00015", schema: float64),
        Case("1.0E-5", .text(limit: nil), "1e-05", schema: float64),
        Case("1.25E15", .text(limit: nil), "1.25e+15", schema: float64),
        Case("1.25E14", .text(limit: nil), "125000000000000", schema: float64),
        Case("4.9E-324", .text(limit: nil), "4.9e-324", schema: float64),
        Case("-0.0", .text(limit: nil), "-0", schema: float64),
        Case("123456.789", .text(limit: nil), "123456.789", schema: float64),
        Case("17424", .text(limit: nil), "2017-09-15", schema: schema("int32", "io.debezium.time.Date")),
        Case(
            "1505476800123456",
            .text(limit: nil),
            "2017-09-15 12:00:00.123456",
            schema: schema("int64", "io.debezium.time.MicroTimestamp")
        ),
        Case(
            "1505476800000",
            .text(limit: nil),
            "2017-09-15 12:00:00",
            schema: schema("int64", "org.apache.kafka.connect.data.Timestamp")
        ),
        Case("43200000", .text(limit: nil), "12:00:00", schema: schema("int32", "io.debezium.time.Time")),
    ])
    fileprivate func `a column of text takes what PostgreSQL writes of a value`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case("1505433600000", .date, "2017-09-15", schema: schema("int64", "io.debezium.time.Timestamp")),
        Case("-86400000000", .date, "1969-12-31", schema: schema("int64", "io.debezium.time.MicroTimestamp")),
        Case(#""2017-09-15T00:00:00Z""#, .date, "2017-09-15"),
        Case(#""2017-09-15 00:00:00.000""#, .date, "2017-09-15"),
        Case(
            "17424",
            .timestamp(precision: 6),
            "2017-09-15 00:00:00",
            schema: schema("int32", "io.debezium.time.Date")
        ),
        Case(
            "17424",
            .zonedTimestamp(precision: 6),
            "2017-09-15 00:00:00+00",
            schema: schema("int32", "org.apache.kafka.connect.data.Date")
        ),
        Case(
            "-800000",
            .timestamp(precision: 6),
            "0222-09-04 00:00:00 BC",
            schema: schema("int32", "io.debezium.time.Date")
        ),
        Case(#""2017-09-15""#, .timestamp(precision: 6), "2017-09-15 00:00:00"),
        Case(#""2017-09-15T12:00:00+0000""#, .timestamp(precision: 6), "2017-09-15 12:00:00"),
        Case(
            #""2017-09-15T12:00:00.1200000-0530""#,
            .zonedTimestamp(precision: 6),
            "2017-09-15 12:00:00.12-0530"
        ),
    ])
    fileprivate func `days and moments are taken for one another where nothing is lost`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case("5.5", int64Range, "fraction"),
        Case(#""AeJA""#, int64Range, "fraction", schema: decimal(2)),
        Case("1E19", int64Range, "out of the column's range"),
        Case("9223372036854775808.0", int64Range, "out of the column's range"),
        Case(#""AeJA""#, int64Range, "expected an integer"),
        Case(#""42""#, int64Range, "expected an integer"),
        Case(#""42""#, int64Range, "expected an integer", schema: #"{"type":"string"}"#),
        Case("true", int64Range, "expected an integer"),
        Case("2", .boolean, "0 or 1"), Case(#""true""#, .boolean, "true or false"),
        Case("42", .text(limit: nil), "expected a string"),
        Case("[1]", .text(limit: nil), "expected a string"),
        Case(#""AQ==""#, .text(limit: nil), "no string", schema: #"{"type":"bytes"}"#),
        Case("1234567", .text(limit: 6), "longer than the column", schema: int32),
        Case("1505476800000", .date, "time of day", schema: schema("int64", "io.debezium.time.Timestamp")),
        Case(#""2017-09-15T00:00:01Z""#, .date, "time of day"),
        Case(#""2017-09-15T12:00:00+05300""#, .zonedTimestamp(precision: 6), "no value"),
        Case(#""AeJAAeJAAeJA""#, .float(maximumDigits: 9), "more digits", schema: decimal(2)),
    ])
    fileprivate func `what would lose something is refused`(_ one: Case) {
        let error = #expect(throws: DecodeError.self) { try decode(one.json, one.form, one.schema) }
        #expect(error?.reason.contains(one.expected) == true, "\(error?.reason ?? "")")
    }

    @Test func `only columns of text take the text of other values`() {
        let path = Column(name: "v", type: .value(.text(limit: nil), castTo: "ltree"), isKey: false)
        let list = Column(name: "v", type: .value(.array(.text(limit: nil)), castTo: "ltree[]"), isKey: false)
        for (json, column) in [("true", path), ("[true]", list)] {
            let bytes = Array(json.utf8)
            var scanner = JSONScanner(bytes.span.bytes)
            var row = Row(columnCount: 1)
            #expect(throws: DecodeError.self) {
                try ValueDecoder.decode(&scanner, column, at: 0, into: &row)
            }
        }
    }

    @Test func `a moment and its zone without a colon are one in binary, too`() throws {
        let column = Column(name: "v", type: .timestamp(precision: 6, isZoned: true), isKey: false)
        for (text, expected) in [
            ("2000-01-01T00:00:00+0530", -19_800_000_000), ("2000-01-01 00:00:00-05:30:15", 19_815_000_000),
        ] {
            let bytes = Array("\"\(text)\"".utf8)
            var scanner = JSONScanner(bytes.span.bytes)
            var row = Row(columnCount: 1)
            try ValueDecoder.decode(&scanner, column, at: 0, into: &row)
            guard case .integer(let value) = row.cells[0] else {
                Issue.record("\(text) is no moment")
                continue
            }
            #expect(value == Int64(expected))
        }
    }
}

struct ValueDecoderTests {
    @Test(arguments: [
        Case(#""AeJA""#, .numeric(scale: 2), "1234.56", schema: decimal(2)),
        Case(#""BWvHXi1jD///""#, .numeric(scale: nil), "99999999999999999999", schema: decimal(0)),
        Case(#""fw==""#, .numeric(scale: 0), "127", schema: decimal(0)),
        Case(#""AIA=""#, .numeric(scale: 0), "128", schema: decimal(0)),
        Case(#""gA==""#, .numeric(scale: 0), "-128", schema: decimal(0)),
        Case(#""/38=""#, .numeric(scale: 0), "-129", schema: decimal(0)),
        Case(#""AA==""#, .numeric(scale: 2), "0.00", schema: decimal(2)),
        Case(#""/w==""#, .numeric(scale: 3), "-0.001", schema: decimal(3)),
        Case(#""AQ==""#, .numeric(scale: nil), "1000", schema: decimal(-3)),
        Case(#""AeJA""#, .numeric(scale: 2), "1234.56"),
        Case(#"{"scale":2,"value":"ATo="}"#, .numeric(scale: nil), "3.14"),
        Case(#""1234.56""#, .numeric(scale: 2), "1234.56", schema: #"{"type":"string"}"#),
        Case(#""1234""#, .numeric(scale: 2), "1234", schema: #"{"type":"string"}"#),
        Case(
            "1234567890123456789012345678901234567890.5",
            .numeric(scale: 1),
            "1234567890123456789012345678901234567890.5"
        ),
        Case("1.500", .numeric(scale: 1), "1.500"), Case("1E+2", .numeric(scale: 0), "1E+2"),
        Case(#""nan""#, .numeric(scale: nil), "NaN"),
        Case(#""-Infinity""#, .numeric(scale: nil), "-Infinity"),
        Case(#""Infinity""#, .numeric(scale: nil), "Infinity", schema: #"{"type":"string"}"#),
        Case(#""NaN""#, .float(maximumDigits: 9), "NaN"), Case("-0.0", .float(maximumDigits: 9), "-0.0"),
        Case("4.9E-324", .float(maximumDigits: 17), "4.9E-324"),
        Case("4294967295", .integer(0...4_294_967_295), "4294967295"),
    ])
    fileprivate func `a number keeps its digits`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case(#""äb""#, .text(limit: 2), "äb"), Case(#""a\u00e4""#, .text(limit: nil), "aä"),
        Case(#""ab   ""#, .paddedText, "ab   "), Case(#""AQID""#, .bytea, #"\x010203"#),
        Case(#""""#, .bytea, #"\x"#), Case("true", .bit(length: 1), "1"),
        Case(#""AgE=""#, .bit(length: 16), "0000000100000010"),
        Case(#""AQID""#, .bit(length: 24), "000000110000001000000001"), Case(#""""#, .bit(length: 4), "0000"),
        Case(#""VQE=""#, .varyingBit(limit: 9), "101010101"),
        Case(#"{"k":[1,{"a":null}]}"#, .json, #"{"k":[1,{"a":null}]}"#), Case(#""null""#, .json, "null"),
        Case(#""{\"a \\\"\":\"b\\\\\",\"n\":null}""#, .hstore, #""a \""=>"b\\","n"=>NULL"#),
        Case(#"{"k":"v","n":null}"#, .hstore, #""k"=>"v","n"=>NULL"#), Case("{}", .hstore, ""),
        Case(#"{"x":1.5,"y":-2.0,"wkb":"AQ==","srid":null}"#, .point, "(1.5,-2.0)"),
        Case(#"{"a":-1,"b":0,"c":0}"#, .line, "{-1,0,0}"),
        Case(#""ezEsMiwzfQ==""#, .line, "{1,2,3}"), Case(#""<(1,2),3>""#, .circle, "<(1,2),3>"),
        Case(#""WygxLDIpLCgzLDQpXQ==""#, .shape, "[(1,2),(3,4)]"),
        Case(#""(3,4),(1,2)""#, .shape, "(3,4),(1,2)"),
        Case(#"{"center":{"x":10,"y":4},"radius":10}"#, .circle, "<(10,4),10>"),
        Case(#"{"wkb":"AQEAAAAA","srid":4326}"#, .geometry, "0101000020e610000000"),
        Case(#"{"wkb":"AQEAACDmEAAA","srid":4326}"#, .geometry, "0101000020e6100000"),
        Case(#"{"wkb":"AAAAAAEA","srid":4326}"#, .geometry, "0020000001000010e600"),
        Case(#"{"wkb":"AQEAAAA=","srid":null}"#, .geometry, "0101000000"),
        Case("[1.0,2.5]", .vector, "[1.0,2.5]"),
        Case(#"{"dimensions":25,"vector":[[1,0.1],[3,0.2]]}"#, .sparseVector, "{1:0.1,3:0.2}/25"),
    ])
    fileprivate func `texts, bytes and structs become the type's own input`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case("[]", .array(.text(limit: nil)), "{}"),
        Case(
            #"["a",null,"NULL","","q\"\\,{}"]"#,
            .array(.text(limit: nil)),
            #"{"a",NULL,"NULL","","q\"\\,{}"}"#
        ),
        Case("[1,2,null]", .array(.integer(0...9)), #"{"1","2",NULL}"#),
        Case("[true,false]", .array(.boolean), #"{"t","f"}"#),
        Case("[[1,2],[3,4]]", .array(.integer(0...9)), #"{{"1","2"},{"3","4"}}"#),
        Case(#"["AQ=="]"#, .array(.bytea), #"{"\\x01"}"#),
        Case(
            #"["fQ=="]"#,
            .array(.numeric(scale: 2)),
            #"{"1.25"}"#,
            schema: #"{"type":"array","items":\#(decimal(2))}"#
        ),
        Case(#"["2017-09-15"]"#, .array(.date), #"{"2017-09-15"}"#),
        Case(#"["{\"k\":\"v\"}"]"#, .array(.hstore), #"{"\"k\"=>\"v\""}"#),
    ])
    fileprivate func `lists become array literals`(_ one: Case) throws {
        #expect(try decode(one.json, one.form, one.schema) == one.expected)
    }

    @Test(arguments: [
        Case(#""AeJA""#, .numeric(scale: 1), "more digits", schema: decimal(2)),
        Case("1.25", .numeric(scale: 1), "more digits"), Case("1.5", .numeric(scale: -1), "more digits"),
        Case(#""1234""#, .numeric(scale: 2), "only a schema"),
        Case(#""Infinity""#, .numeric(scale: nil), "only a schema"),
        Case(#""AeJA""#, .numeric(scale: nil), "where the point is"),
        Case("true", .numeric(scale: 0), "number"),
        Case(#"{"scale":1}"#, .numeric(scale: nil), "scale and value"),
        Case("0.1234567891", .float(maximumDigits: 9), "more digits"),
        Case(#""x""#, .float(maximumDigits: 9), "number"),
        Case("4294967296", .integer(0...4_294_967_295), "range"), Case("1.5", .integer(0...9), "fraction"),
        Case(#""a\u0000b""#, .text(limit: nil), "NUL"), Case(#""abc""#, .text(limit: 2), "longer"),
        Case("1", .text(limit: nil), "string"),
        Case(#""AQ==""#, .text(limit: nil), "no string", schema: #"{"type":"bytes"}"#),
        Case(#""AQI""#, .bytea, "base64"), Case(#""AQID""#, .bytea, "bytes", schema: #"{"type":"string"}"#),
        Case(#""AgE=""#, .bit(length: 8), "more bits"), Case(#""VQE=""#, .varyingBit(limit: 10), "zeros"),
        Case("[[1],[2,3]]", .array(.integer(0...9)), "differ"),
        Case("[1,[2]]", .array(.integer(0...9)), "differ"),
        Case("[[1],2]", .array(.integer(0...9)), "differ"), Case("[[]]", .array(.integer(0...9)), "differ"),
        Case("[null,[1]]", .array(.integer(0...9)), "differ"), Case("1", .array(.integer(0...9)), "list"),
        Case(#"{"x":1}"#, .point, "missing"), Case(#"{"x":1,"y":2,"z":3}"#, .point, "unknown part"),
        Case("5", .json, "JSON"),
        Case(#"["[Ljava.lang.String;@6d971024"]"#, .array(.text(limit: nil)), "inner lists"),
    ])
    fileprivate func `what cannot be carried exactly is refused with the reason`(_ one: Case) {
        let error = #expect(throws: DecodeError.self) { try decode(one.json, one.form, one.schema) }
        #expect(error?.reason.contains(one.expected) == true, "\(error?.reason ?? "no error")")
    }

    @Test func `null is null in every form`() throws {
        for form in [ValueForm.bytea, .date, .json, .array(.boolean), .numeric(scale: nil)] {
            #expect(try decode("null", form) == nil)
        }
    }

    @Test func `invalid UTF-8 is refused`() {
        let bytes: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
        #expect(throws: DecodeError.self) {
            var scanner = JSONScanner(bytes.span.bytes)
            var target: [UInt8] = []
            try ValueDecoder.append(&scanner, .text(limit: nil), nil, to: &target)
        }
    }

    @Test func `equal keys have equal bytes`() throws {
        #expect(try decode("1.50", .numeric(scale: nil), isKey: true) == "15e-1")
        #expect(try decode("1.5", .numeric(scale: nil), isKey: true) == "15e-1")
        #expect(try decode("-0.0", .float(maximumDigits: 17), isKey: true) == "0")
        #expect(try decode(#""ab   ""#, .paddedText, isKey: true) == "ab")
    }

    @Test func `digits of any number come out of two's complement`() throws {
        // -(2^256)
        let bytes: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 32)
        var text: [UInt8] = []
        DecimalNumber.append(unscaled: bytes, scale: 2, to: &text)
        let digits = "1157920892373161954235709850086879078532699846656405640394575840079131296399"
        #expect(String(decoding: text, as: UTF8.self) == "-\(digits).36")
    }
}
