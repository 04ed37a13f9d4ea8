import ChangeEvents
import HTTPRequests
import Testing

@testable import Formats

struct RegistryTextTests {
    private static func reader(_ encoding: RegistryConverter.Encoding, _ family: WireFormat.Family)
        -> RegistryText
    {
        let access = RegistryAccess(.confluent, urls: [], credentials: HTTPCredentials())
        return RegistryText(RegistryConverter(encoding, family, access), .value, scope: .row)
    }

    private static func read(_ reader: RegistryText, _ bytes: [UInt8]?) throws -> String? {
        func text(_ span: RawSpan?) -> String? {
            guard let span else { return nil }
            return span.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
        guard let bytes else { return try reader.withText(nil, header: { _ in nil }) { text($0) } }
        return try reader.withText(bytes.span.bytes, header: { _ in nil }) { text($0) }
    }

    private static func missing(_ reader: RegistryText, _ bytes: [UInt8]) -> SchemaID? {
        reader.missing(bytes.span.bytes) { _ in nil }
    }

    @Test func `a record needs its schema, which is kept`() throws {
        let reader = Self.reader(.avro, .confluent)
        let (one, two): ([UInt8], [UInt8]) = ([0, 0, 0, 0, 1, 14], [0, 0, 0, 0, 2, 2, 0x61])
        #expect(Self.missing(reader, one) == .number(1))
        let error = #expect(throws: DecodeError.self) { try Self.read(reader, one) }
        #expect(error?.description.contains("schema id 1") == true)
        reader.learn(.number(1), FetchedSchema(language: .avro, text: Array(#""int""#.utf8)))
        reader.learn(.number(2), FetchedSchema(language: .avro, text: Array(#""string""#.utf8)))
        #expect(Self.missing(reader, one) == nil)
        for _ in 0..<2 {
            #expect(
                try Self.read(reader, one) == #"{"schema":{"type":"int32","optional":false},"payload":7}"#
            )
            #expect(
                try Self.read(reader, two) == #"{"schema":{"type":"string","optional":false},"payload":"a"}"#
            )
            // What goes wrong leaves nothing for the next.
            #expect(throws: DecodeError.self) { try Self.read(reader, [0, 0, 0, 0, 2, 9]) }
        }
        #expect(try Self.read(reader, nil) == nil)
        #expect(Self.missing(reader, [1, 2]) == nil)
    }

    @Test func `a schema that is none is the record's error, and not asked for at once`() throws {
        let reader = Self.reader(.avro, .confluent)
        reader.learn(.number(1), FetchedSchema(language: .avro, text: Array("{".utf8)))
        #expect(Self.missing(reader, [0, 0, 0, 0, 1]) == nil)
        let error = #expect(throws: DecodeError.self) { try Self.read(reader, [0, 0, 0, 0, 1]) }
        #expect(error?.description.contains("schema id 1 cannot be used") == true)
    }

    @Test(
        arguments: [
            (#"{"a":1}"#, true), (#" [1] "#, true), (#"{"a":1},"payload":{}"#, false), ("", false),
            ("{", false),
        ]
    )
    func `JSON after an id is one value`(text: String, isGood: Bool) throws {
        let reader = Self.reader(.jsonSchema, .confluent)
        reader.learn(
            .number(1),
            FetchedSchema(language: .jsonSchema, text: Array(#"{"type":"string"}"#.utf8))
        )
        let found = try? Self.read(reader, [0, 0, 0, 0, 1] + Array(text.utf8))
        #expect((found != nil) == isGood)
    }

    @Test func `Apicurio's JSON has the id of Connect's own schema`() throws {
        let reader = Self.reader(.connectJSON, .apicurio(usesContentID: false))
        let text = Array(#"{"schemaId":4,"payload":{"a":1}}"#.utf8)
        #expect(Self.missing(reader, text) == .globalID(4))
        reader.learn(.globalID(4), FetchedSchema(language: .connect, text: Array(#"{"type":"struct"}"#.utf8)))
        let expected = #"{"schema":{"type":"struct"},"payload":{"a":1}}"#
        #expect(try Self.read(reader, text) == expected)
        #expect(try Self.read(reader, [0, 0, 0, 0, 0, 0, 0, 0, 4] + Array(#"{"a":1}"#.utf8)) == expected)
        #expect(throws: DecodeError.self) { try Self.read(reader, Array(#"{"payload":1}"#.utf8)) }
    }
}
