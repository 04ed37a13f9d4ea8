import ChangeEvents
import Foundation
import Testing

@testable import Formats

struct AvroTranscoderTests {
    private typealias Fixture = AvroTextFixture

    /// Schema, bytes and text; the first ones are the examples of Avro's specification.
    @Test(
        arguments: [
            (#""long""#, "00", "0"), (#""long""#, "01", "-1"), (#""long""#, "02", "1"),
            (#""long""#, "03", "-2"),
            (#""long""#, "7f", "-64"), (#""long""#, "80 01", "64"), (#""string""#, "06 66 6f 6f", #""foo""#),
            (
                #"{"type":"record","name":"test","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}"#,
                "36 06 66 6f 6f", #"{"a":27,"b":"foo"}"#
            ),
            (#"{"type":"enum","name":"Foo","symbols":["A","B","C","D"]}"#, "06", #""D""#),
            (#"{"type":"array","items":"long"}"#, "04 06 36 00", "[3,27]"),
            (#"["null","string"]"#, "00", "null"), (#"["null","string"]"#, "02 02 61", #""a""#),
            (#"["string","null"]"#, "02", "null"),
            // Blocks that say how many bytes they have, and several blocks.
            (#"{"type":"array","items":"int"}"#, "03 04 06 36 02 01 00", "[3,27,-1]"),
            (#"{"type":"array","items":"int"}"#, "00", "[]"),
            (#"{"type":"map","values":"boolean"}"#, "02 02 6b 01 00", #"{"k":true}"#),
            (#""long""#, "ff ff ff ff ff ff ff ff ff 01", "-9223372036854775808"),
            (#""long""#, "fe ff ff ff ff ff ff ff ff 01", "9223372036854775807"),
            (#""int""#, "ff ff ff ff 0f", "-2147483648"), (#""null""#, "", "null"),
            // More bytes than it takes.
            (#""int""#, "82 80 00", "1"),
            (#""float""#, "00 00 c0 3f", "1.5"), (#""double""#, "00 00 00 00 00 00 f8 7f", #""NaN""#),
            (#""double""#, "00 00 00 00 00 00 f0 ff", #""-Infinity""#),
            (#""float""#, "00 00 80 7f", #""Infinity""#),
            (#""bytes""#, "06 00 ff 10", #""AP8Q""#), (#""bytes""#, "02 00", #""AA==""#),
            (#""bytes""#, "00", #""""#),
            (#"{"type":"fixed","name":"F","size":2}"#, "ff fe", #""//4=""#),
            (
                #"{"type":"fixed","name":"U","size":16,"logicalType":"uuid"}"#,
                "12 3e 45 67 e8 9b 12 d3 a4 56 42 66 14 17 40 00", #""123e4567-e89b-12d3-a456-426614174000""#
            ),
            (#""string""#, "0c 22 5c 0a 01 c3 a9", #""\"\\\u000a\u0001é""#),
            (#"["int","string","boolean"]"#, "04 01", "true"),
            (#"{"type":"record","name":"E","fields":[]}"#, "", "{}"),
            // A map whose keys are no texts, as Connect's converters write it.
            (
                #"{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":"string"}]}}"#,
                "02 02 02 78 00", #"[[1,"x"]]"#
            ),
            // A list of itself.
            (
                #"{"type":"record","name":"L","namespace":"a.b","fields":[{"name":"v","type":"int"},{"name":"n","type":["null","L"]}]}"#,
                "02 02 04 00", #"{"v":1,"n":{"v":2,"n":null}}"#
            ),
        ]
    )
    func `bytes become the text that JsonConverter writes`(schema: String, hex: String, text: String) throws {
        #expect(try Fixture.payload(schema, Fixture.bytes(hex)) == text)
    }

    @Test(
        arguments: [
            (#""long""#, "", "ends"), (#""long""#, "80", "ends"),
            (#""long""#, "ff ff ff ff ff ff ff ff ff 02", "64 bits"),
            (#""long""#, "ff ff ff ff ff ff ff ff ff ff ff 01", "64 bits"),
            (#""int""#, "80 80 80 80 10", "32 bits"), (#""boolean""#, "02", "neither"),
            (#""string""#, "01", "reaches past"), (#""string""#, "06 61", "reaches past"),
            (#""bytes""#, "fe ff ff ff ff ff ff ff ff 01", "reaches past"), (#""double""#, "00 00", "ends"),
            (#"["null","int"]"#, "04", "no branch 2"), (#"["null","int"]"#, "01", "no branch -1"),
            (#"{"type":"enum","name":"E","symbols":["A"]}"#, "02", "no symbol 1"),
            (#"{"type":"fixed","name":"F","size":3}"#, "00 00", "ends"),
            (#""int""#, "02 00", "1 bytes are left"),
            // Nothing takes no bytes, however often.
            (#"{"type":"array","items":"null"}"#, "fe ff ff ff ff ff ff ff ff 01 00", "more items"),
            (#"{"type":"array","items":"null"}"#, "ff ff ff ff ff ff ff ff ff 01 00 00", "more items"),
            (#"{"type":"array","items":"null"}"#, "80 88 0c 80 88 0c 80 88 0c 00", "more items"),
            (
                #"{"type":"array","items":{"type":"record","name":"N","fields":[{"name":"n","type":"null"}]}}"#,
                "80 88 0c 00", "too many values"
            ),
            (#"{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}"#, "", "nested too deeply"),
            (#"{"type":"enum","name":"E","symbols":[]}"#, "00", "no symbol 0"),
        ]
    )
    func `bytes that are no value of the schema are refused`(schema: String, hex: String, part: String) throws
    {
        let plan = try Fixture.plan(schema)
        let error = #expect(throws: DecodeError.self) { try Fixture.payload(plan, Fixture.bytes(hex)) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func `types that double at each level end`() throws {
        // Each record has two of the one before: a few hundred bytes of schema, no bytes of data, 2^30 values.
        var schema = #"{"type":"record","name":"R0","fields":[]}"#
        for level in 1...30 {
            schema =
                #"{"type":"record","name":"R\#(level)","fields":[{"name":"a","type":\#(schema)},{"name":"b","type":"R\#(level - 1)"}]}"#
        }
        let plan = try Fixture.plan(schema)
        #expect(plan.prefix.count < 8 << 20)
        #expect(throws: DecodeError.self) { try Fixture.payload(plan, []) }
    }

    private struct Case: Decodable {
        let hex: String
    }

    private static func cases() throws -> [(schema: String, bytes: [UInt8], value: NSObject)] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/avro-records.ndjson")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            let document = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            let schema = try JSONSerialization.data(withJSONObject: try #require(document["schema"]))
            return (
                String(decoding: schema, as: UTF8.self),
                Fixture.bytes(try #require(document["hex"] as? String)),
                try #require(document["json"] as? NSObject)
            )
        }
    }

    @Test func `what fastavro wrote is read as it was meant`() throws {
        let cases = try Self.cases()
        #expect(cases.count == 300)
        for one in cases {
            let text = try Fixture.payload(one.schema, one.bytes)
            let value = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject
            #expect(value == one.value, "\(one.schema)")
        }
    }

    /// `HANDOVER_FUZZ_ROUNDS` chooses how many.
    @Test func `changed bytes end in an error or in JSON`() throws {
        let cases = try Self.cases().filter { $0.bytes.count < 200 }
        let plans = try cases.map { try Fixture.plan($0.schema) }
        let rounds =
            ProcessInfo.processInfo.environment["HANDOVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 100_000
        var state: UInt64 = 42
        func dice(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, limit)
        }
        var buffer = TextBuffer()
        var (good, bad) = (0, 0)
        for round in 0..<rounds {
            let index = round % cases.count
            var bytes = cases[index].bytes
            for _ in 0...dice(2) {
                switch dice(4) {
                case 0 where !bytes.isEmpty: bytes[dice(bytes.count)] = UInt8(dice(256))
                case 1 where !bytes.isEmpty: bytes[dice(bytes.count)] ^= 1 << UInt8(dice(8))
                case 2: bytes.insert([0x80, 0xFF, 0x01, 0x7F][dice(4)], at: dice(bytes.count + 1))
                default: bytes.removeLast(min(bytes.count, 1 + dice(3)))
                }
            }
            buffer.cut(to: 0)
            do throws(DecodeError) {
                try AvroTranscoder.write(plans[index], bytes.span.bytes, from: 0, to: &buffer)
            } catch {
                bad += 1
                continue
            }
            good += 1
            try buffer.withBytes { text throws(DecodeError) in
                var scanner = JSONScanner(text)
                try scanner.skipValue()
                try scanner.finish()
            }
        }
        #expect(good > 0 && bad > 0)
    }
}
