import ChangeEvents
import Testing

@testable import Sink

/// A small generator, so that a failure can be repeated.
private struct SeededBytes {
    var state: UInt64

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}

struct ValueDecoderFuzzTests {
    private static let forms: [ValueForm] = [
        .boolean, .integer(0...9), .float(maximumDigits: 9), .numeric(scale: 2), .numeric(scale: nil),
        .text(limit: 3), .name, .paddedText, .bytea, .bit(length: 12), .varyingBit(limit: nil), .date,
        .time(precision: 3), .zonedTime(precision: 6), .timestamp(precision: 6),
        .zonedTimestamp(precision: 0),
        .interval(precision: 6), .json, .hstore, .point, .line, .circle, .geometry, .vector, .sparseVector,
        .array(.numeric(scale: nil)), .array(.text(limit: nil)), .array(.array(.date)),
    ]

    private static let seeds = [
        #""AeJA""#, #"{"scale":-9223372036854775808,"value":"ATo="}"#, "-9223372036854775808",
        "9223372036854775807", "1e9999999", #""-5877611-06-21Z""#, #""2022-12-31T14:15:16.456789+01:00""#,
        #""P1Y2M3DT4H5M6.78S""#, #"[["a",null],["\u0000",{}]]"#, #""{\"k\":\"v\",\"n\":null}""#,
        #"{"x":1.5,"y":"NaN","srid":null}"#, #"{"center":{"x":1,"y":2},"radius":3}"#,
        #"{"dimensions":25,"vector":[[1,0.1]]}"#, #"{"wkb":"AQEA","srid":4326}"#, #""24:00:00+05:30""#,
        #""__debezium_unavailable_value""#, "true", "[1,2,[3]]", #""\ud83d\ude00ä""#,
    ]

    private static let schemas: [FieldSchema?] = [
        nil, FieldSchema(kind: .bytes, semantic: .decimal, scale: .min),
        FieldSchema(kind: .bytes, semantic: .decimal, scale: 2, length: .max),
        FieldSchema(kind: .integer, semantic: .timestamp(.nanoseconds)),
        FieldSchema(kind: .integer, semantic: .date), FieldSchema(kind: .string),
    ]

    @Test func `no value makes the decoder crash, and what it accepts is UTF-8 without NUL`() throws {
        var random = SeededBytes(state: 20_261_121)
        for round in 0..<30_000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0..<random.next(below: 4) {
                let place = random.next(below: bytes.count)
                switch random.next(below: 3) {
                case 0: bytes[place] = UInt8(random.next(below: 256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[random.next(below: bytes.count)], at: place)
                }
                if bytes.isEmpty { bytes = [0x30] }
            }
            let form = Self.forms[random.next(below: Self.forms.count)]
            let schema = Self.schemas[random.next(below: Self.schemas.count)]
            let column = Column(name: "v", type: .value(form, castTo: nil), isKey: round % 2 == 0)
            var row = Row(columnCount: 1)
            var scanner = JSONScanner(bytes.span.bytes)
            do {
                try ValueDecoder.decode(&scanner, column, at: 0, schema: schema, into: &row)
            } catch {
                continue
            }
            let text = String(validating: row.bytes, as: UTF8.self)
            #expect(text != nil && !row.bytes.contains(0), "round \(round): \(form)")
        }
    }
}
