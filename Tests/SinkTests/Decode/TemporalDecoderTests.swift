import ChangeEvents
import Testing

@testable import Sink

/// The text that a value becomes, with a schema of this semantic name; without one as `time.precision.mode` says.
private func decode(
    _ json: String,
    _ form: ValueForm,
    _ name: String?,
    _ precision: TimePrecision? = .adaptive
) throws -> String {
    let schema =
        name.map { FieldSchema(kind: .integer, semantic: FieldSchema.semantic(named: $0)) }
        ?? precision?.schema(of: .value(form, castTo: nil))
    let bytes = Array(json.utf8)
    var scanner = JSONScanner(bytes.span.bytes)
    var text: [UInt8] = []
    try ValueDecoder.append(&scanner, form, schema, to: &text)
    return String(decoding: text, as: UTF8.self)
}

private let milliseconds = "io.debezium.time.Timestamp"
private let microseconds = "io.debezium.time.MicroTimestamp"
private let nanoseconds = "io.debezium.time.NanoTimestamp"

struct TemporalDecoderTests {
    @Test(
        arguments: [
            ("17424", .date, "io.debezium.time.Date", "2017-09-15"), ("17424", .date, nil, "2017-09-15"),
            ("-719162", .date, nil, "0001-01-01"), ("-719163", .date, nil, "0001-12-31 BC"),
            ("-735160", .date, nil, "0044-03-15 BC"), ("2145042905", .date, nil, "5874897-12-31"),
            ("-622191234", .date, nil, "infinity"), ("-625821272", .date, nil, "-infinity"),
            ("-2147472692", .date, nil, "infinity"), ("-2147472691", .date, nil, "-infinity"),
            (#""2017-09-15Z""#, .date, "io.debezium.time.IsoDate", "2017-09-15"),
            (#""-5877611-06-22Z""#, .date, nil, "-infinity"),
            (#""-0043-03-15""#, .date, nil, "0044-03-15 BC"), (#""+10000-01-01""#, .date, nil, "10000-01-01"),
            ("14711789", .time(precision: 3), "io.debezium.time.Time", "04:05:11.789"),
            ("14711789000", .time(precision: 6), "io.debezium.time.MicroTime", "04:05:11.789"),
            ("14711789000000", .time(precision: 6), "io.debezium.time.NanoTime", "04:05:11.789"),
            ("14711789", .time(precision: 3), nil, "04:05:11.789"),
            ("1", .time(precision: 6), nil, "00:00:00.000001"),
            ("86400000", .time(precision: 0), nil, "24:00:00"),
            ("86400000000", .time(precision: 6), nil, "24:00:00"),
            (#""04:05:11.789Z""#, .time(precision: 6), nil, "04:05:11.789"),
            (#""14:15:16.456789Z""#, .zonedTime(precision: 6), nil, "14:15:16.456789+00"),
            (#""24:00:00+05:30""#, .zonedTime(precision: 6), nil, "24:00:00+05:30"),
        ] as [(String, ValueForm, String?, String)]
    )
    func `dates and times`(json: String, form: ValueForm, name: String?, expected: String) throws {
        #expect(try decode(json, form, name) == expected)
    }

    @Test(
        arguments: [
            ("1683735438123", .timestamp(precision: 3), milliseconds, "2023-05-10 16:17:18.123"),
            ("1683735438123456", .timestamp(precision: 6), microseconds, "2023-05-10 16:17:18.123456"),
            ("1683735438123456000", .timestamp(precision: 6), nanoseconds, "2023-05-10 16:17:18.123456"),
            ("1683735438123", .timestamp(precision: 3), nil, "2023-05-10 16:17:18.123"),
            ("1683735438123456", .timestamp(precision: 6), nil, "2023-05-10 16:17:18.123456"),
            ("-1", .timestamp(precision: 6), nil, "1969-12-31 23:59:59.999999"),
            ("9223371244799999999", .timestamp(precision: 6), nil, "294246-12-31 23:59:59.999999"),
            ("9223372036825200000", .timestamp(precision: 6), microseconds, "infinity"),
            ("-9223372036832400", .timestamp(precision: 0), milliseconds, "-infinity"),
            ("9223372036854775807", .timestamp(precision: 6), nanoseconds, "infinity"),
            ("0", .zonedTimestamp(precision: 6), microseconds, "1970-01-01 00:00:00+00"),
            (#""2019-07-09T02:28:57.123456Z""#, .timestamp(precision: 6), nil, "2019-07-09 02:28:57.123456"),
            (
                #""2022-12-31T14:15:16.456789Z""#, .zonedTimestamp(precision: 6), nil,
                "2022-12-31 14:15:16.456789+00"
            ),
            (
                #""-0043-03-15T12:00:00.000001Z""#, .zonedTimestamp(precision: 6), nil,
                "0044-03-15 12:00:00.000001+00 BC"
            ),
            (#""+294247-01-10T04:00:25.2Z""#, .timestamp(precision: 0), nil, "infinity"),
            (#""-infinity""#, .zonedTimestamp(precision: 6), nil, "-infinity"),
            (
                "37091106123456", .interval(precision: 6), "io.debezium.time.MicroDuration",
                "10303:05:06.123456"
            ),
            ("-1", .interval(precision: 6), nil, "-00:00:00.000001"),
            (#""P1Y2M3DT4H5M6.78S""#, .interval(precision: 6), nil, "P1Y2M3DT4H5M6.78S"),
            (#""P-1Y-2M3DT-4H-5M-6.5S""#, .interval(precision: 6), nil, "P-1Y-2M3DT-4H-5M-6.5S"),
        ] as [(String, ValueForm, String?, String)]
    )
    func `timestamps and intervals`(json: String, form: ValueForm, name: String?, expected: String) throws {
        #expect(try decode(json, form, name) == expected)
    }

    @Test(
        arguments: [
            .date, .time(precision: 3), .time(precision: 6), .timestamp(precision: 0),
            .timestamp(precision: 6), .zonedTimestamp(precision: 6),
        ] as [ValueForm]
    )
    func `a number without a schema is refused, and the error names the way out`(form: ValueForm) {
        for precision in [nil, TimePrecision.isostring] {
            let error = #expect(throws: DecodeError.self) {
                try decode("1683735438123", form, nil, precision)
            }
            #expect(error?.reason.contains("set time.precision.mode") == true)
            #expect(error?.concernsTable == true, "each record has it: they are no dead letters")
        }
    }

    @Test(
        arguments: [
            (.connect, .timestamp(precision: 6), "1683735438123", "2023-05-10 16:17:18.123"),
            (.connect, .zonedTimestamp(precision: 6), "1683735438123", "2023-05-10 16:17:18.123+00"),
            (.connect, .time(precision: 6), "14711789", "04:05:11.789"),
            (.connect, .date, "17424", "2017-09-15"),
            (.microseconds, .timestamp(precision: 3), "1683735438123000", "2023-05-10 16:17:18.123"),
            (.microseconds, .time(precision: 3), "14711789000", "04:05:11.789"),
            (.nanoseconds, .timestamp(precision: 6), "1683735438123456000", "2023-05-10 16:17:18.123456"),
            (.nanoseconds, .time(precision: 6), "14711789000000", "04:05:11.789"),
            (.nanoseconds, .date, "17424", "2017-09-15"),
            (.adaptiveTimeMicroseconds, .time(precision: 3), "14711789000", "04:05:11.789"),
            (.adaptiveTimeMicroseconds, .timestamp(precision: 3), "1683735438123", "2023-05-10 16:17:18.123"),
            (.adaptive, .timestamp(precision: 6), "1683735438123456", "2023-05-10 16:17:18.123456"),
            (.connect, .array(.timestamp(precision: 6)), "[1683735438123]", #"{"2023-05-10 16:17:18.123"}"#),
            (.connect, .interval(precision: 6), "1000000", "00:00:01"),
            (.isostring, .date, #""2017-09-15Z""#, "2017-09-15"),
        ] as [(TimePrecision, ValueForm, String, String)]
    )
    func `the mode of the source connector says what a number without a schema counts`(
        precision: TimePrecision,
        form: ValueForm,
        json: String,
        expected: String
    ) throws {
        #expect(try decode(json, form, nil, precision) == expected)
    }

    @Test(
        arguments: [
            ("22375808000", .timestamp(precision: 6), nanoseconds, "overflowed"),
            ("1", .date, microseconds, "time of day"), ("-2440589", .date, nil, "out of range"),
            ("86400000001", .time(precision: 6), nil, "no time"), ("-1", .time(precision: 6), nil, "no time"),
            ("1", .time(precision: 3), "io.debezium.time.MicroTime", "more digits"),
            ("1", .timestamp(precision: 3), microseconds, "more digits"),
            ("1", .timestamp(precision: 6), nanoseconds, "more digits"),
            ("1", .timestamp(precision: 6), "some.Other", "schema"),
            ("1", .zonedTime(precision: 6), nil, "nothing"),
            ("-9223372036854775808", .timestamp(precision: 6), microseconds, "out of range"),
            (#""now""#, .timestamp(precision: 6), nil, "ISO"), (#""yesterday""#, .date, nil, "ISO"),
            (#""2022-12-31T14:15:16+02:00""#, .timestamp(precision: 6), nil, "time zone"),
            (#""2022-12-31T14:15:16""#, .zonedTimestamp(precision: 6), nil, "no time zone"),
            (#""2022-12-31T14:15:60Z""#, .zonedTimestamp(precision: 6), nil, "ISO"),
            (#""2022-12-31T14:15:16.1234567Z""#, .zonedTimestamp(precision: 6), nil, "more digits"),
            (#""2022-12-31Zx""#, .date, nil, "ISO"), (#""1 day""#, .interval(precision: 6), nil, "ISO"),
            (#""P1.5Y""#, .interval(precision: 6), nil, "ISO"),
            (#""PT0.1234567S""#, .interval(precision: 6), nil, "more digits"),
        ] as [(String, ValueForm, String?, String)]
    )
    func `what would be rounded or guessed is refused`(
        json: String,
        form: ValueForm,
        name: String?,
        part: String
    ) {
        let error = #expect(throws: DecodeError.self) { try decode(json, form, name) }
        #expect(error?.reason.contains(part) == true, "\(error?.reason ?? "no error")")
    }
}
