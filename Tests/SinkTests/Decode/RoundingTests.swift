import ChangeEvents
import Foundation
import Testing

@testable import Sink

private func schema(_ type: String, _ name: String = "", _ scale: Int = 0) -> String {
    let name = name.isEmpty ? "" : #","name":"\#(name)""#
    return #"{"type":"\#(type)"\#(name),"parameters":{"scale":"\#(scale)"}}"#
}

private let double = schema("double")
private let nanoseconds = schema("int64", "io.debezium.time.NanoTimestamp")
private let milliseconds = schema("int64", "io.debezium.time.Timestamp")

/// The cell of a value as text, as a table's decoder reads it.
private func decode(
    _ json: String,
    _ type: ColumnType,
    _ schema: String? = nil,
    _ reading: ValueReading,
    isKey: Bool = false
) throws -> String {
    let table = reading.applied(
        to: TableSchema(
            qualifiedName: "t",
            columns: [Column(name: "v", type: type, isKey: isKey)],
            keyCount: isKey ? 1 : 0
        )
    )
    var fieldSchema: FieldSchema? = nil
    if let schema {
        let bytes = Array(schema.utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        fieldSchema = try FieldSchema.read(&scanner).schema
    }
    let bytes = Array(json.utf8)
    var scanner = JSONScanner(bytes.span.bytes)
    var row = Row(columnCount: 1)
    try ValueDecoder.decode(&scanner, table.columns[0], at: 0, schema: fieldSchema, into: &row)
    try scanner.finish()
    switch row.cells[0] {
    case .integer(let value): return String(value)
    case .text(let range): return String(decoding: row.bytes[range], as: UTF8.self)
    default: return "null"
    }
}

/// JSON, the column, the field's schema, and what is sent to the server.
private struct Case: CustomTestStringConvertible, Sendable {
    let json: String
    let type: ColumnType
    let schema: String?
    let expected: String

    init(_ json: String, _ type: ColumnType, _ expected: String, schema: String? = nil) {
        (self.json, self.type, self.expected, self.schema) = (json, type, expected, schema)
    }

    var testDescription: String { "\(json) as \(type)" }
}

struct RoundingTests {
    private static let second = 1_505_476_800
    /// Microseconds from 2000 to 2017-09-15 12:00.
    private static let noon: Int64 = 558_792_000_000_000

    /// What the server rounds by itself when it assigns the value goes to it as it is.
    private static let cases = [
        Case("2.5", .integer, "3"), Case("-2.5", .integer, "-3"), Case("2.4999", .bigint, "2"),
        Case("0.5", .smallint, "1"), Case("-0.05", .smallint, "0"), Case("1.05E+1", .integer, "11"),
        Case("2.5", .integer, "2", schema: double), Case("3.5", .integer, "4", schema: double),
        Case("-2.5", .integer, "-2", schema: double), Case("2.51", .integer, "3", schema: double),
        Case(
            #""AeJA""#,
            .integer,
            "1235",
            schema: schema("bytes", "org.apache.kafka.connect.data.Decimal", 2)
        ),
        Case("2.5", .value(.integer(0...10), castTo: "oid"), "3"),
        Case("[1.5, null]", .value(.array(.integer(0...10)), castTo: "integer[]"), #"{"2",NULL}"#),
        Case("1.2345", .value(.numeric(scale: 2), castTo: "numeric"), "1.2345"),
        Case("1.23456789012", .value(.float(maximumDigits: 9), castTo: "real"), "1.23456789012"),
        Case(#""04:05:06.1234567""#, .value(.time(precision: 3), castTo: "time"), "04:05:06.1234567"),
        Case(#""P1DT1.1234567S""#, .value(.interval(precision: 3), castTo: "interval"), "P1DT1.1234567S"),
        Case(
            "\(second)123456499",
            .timestamp(precision: 6, isZoned: false),
            "\(noon + 123_456)",
            schema: nanoseconds
        ),
        Case(
            "\(second)123456501",
            .timestamp(precision: 6, isZoned: false),
            "\(noon + 123_457)",
            schema: nanoseconds
        ),
        Case(
            "\(second)999999999",
            .timestamp(precision: 3, isZoned: true),
            "\(noon + 1_000_000)",
            schema: nanoseconds
        ),
        Case(
            "\(second)123",
            .timestamp(precision: 0, isZoned: false),
            "\(noon + 123_000)",
            schema: milliseconds
        ),
        Case(
            #""2017-09-15T12:00:00.1234567Z""#,
            .timestamp(precision: 6, isZoned: true),
            "\(noon + 123_457)"
        ),
        Case("\(second)123", .date, "6467", schema: milliseconds),
        Case("-1", .date, "-10958", schema: milliseconds),
        Case(#""2017-09-15T23:59:59.9Z""#, .date, "6467"),
    ]

    @Test(arguments: cases)
    private func `with value.rounding a value is rounded as PostgreSQL assigns it`(one: Case) throws {
        #expect(try decode(one.json, one.type, one.schema, ValueReading(rounds: true)) == one.expected)
    }

    @Test(arguments: cases)
    private func `without it the value is refused, and in a key always`(one: Case) {
        #expect(throws: DecodeError.self) { try decode(one.json, one.type, one.schema, ValueReading()) }
        #expect(throws: DecodeError.self) {
            try decode(one.json, one.type, one.schema, ValueReading(rounds: true), isKey: true)
        }
    }

    @Test(
        arguments: [
            ("1E+400", .integer), ("9223372036854775807.5", .bigint), ("40000.4", .smallint),
            ("2.5", .boolean),
        ] as [(String, ColumnType)]
    )
    func `what is out of range is refused, rounded or not`(json: String, type: ColumnType) {
        #expect(throws: DecodeError.self) { try decode(json, type, nil, ValueReading(rounds: true)) }
    }

    @Test(
        arguments: [
            (#""42""#, .integer, "42"), (#"" -42 ""#, .bigint, "-42"), (#""+7""#, .smallint, "7"),
            (#""true""#, .boolean, "1"), (#""OFF""#, .boolean, "0"), (#""1""#, .boolean, "1"),
            ("7", .integer, "7"),
            ("false", .boolean, "0"),
        ] as [(String, ColumnType, String)]
    )
    func `stringtype=unspecified lets the column read a text`(
        json: String,
        type: ColumnType,
        expected: String
    ) throws {
        for schema in [nil, schema("string")] where json.hasPrefix("\"") || schema == nil {
            #expect(try decode(json, type, schema, ValueReading(readsTexts: true)) == expected)
        }
        guard json.hasPrefix("\"") else { return }
        #expect(throws: DecodeError.self) { try decode(json, type, nil, ValueReading()) }
    }

    @Test func `a text that is none of the type is refused`() {
        for (json, type) in [
            (#""x""#, ColumnType.integer), (#""4.2""#, .integer), (#""4e1""#, .bigint),
            (#""maybe""#, .boolean),
        ] {
            #expect(throws: DecodeError.self) { try decode(json, type, nil, ValueReading(readsTexts: true)) }
        }
    }
}
