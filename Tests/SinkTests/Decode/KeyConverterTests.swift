import ChangeEvents
import Testing

@testable import Sink

@Suite struct KeyConverterTests {
    /// A converter, a key's bytes, and the type and payload that JsonConverter writes of the same value.
    @Test(
        arguments: [
            (.string, Array("a\"b\\ü\u{1}".utf8), #""string""#, #""a\"b\\ü\u0001""#),
            (.string, [], #""string""#, #""""#),
            (.int16, [0xFF, 0xFE], #""int16""#, "-2"),
            (.int32, [0x80, 0, 0, 0], #""int32""#, "-2147483648"),
            (.int64, [0, 0, 0, 0, 0, 0, 0x30, 0x39], #""int64""#, "12345"),
            (.int64, Array(repeating: 0xFF, count: 8), #""int64""#, "-1"),
            (.float, [0x3F, 0xC0, 0, 0], #""float""#, "1.5"),
            (.double, [0x3F, 0xB9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], #""double""#, "0.1"),
            (.double, [0x7F, 0xF8, 0, 0, 0, 0, 0, 0], #""double""#, #""NaN""#),
            (.double, [0xFF, 0xF0, 0, 0, 0, 0, 0, 0], #""double""#, #""-Infinity""#),
            (.boolean, [1], #""boolean""#, "true"),
            (.bytes, [0xFF, 0, 0x10, 0x80], #""bytes""#, #""/wAQgA==""#),
        ] as [(KeyConverter, [UInt8], String, String)]
    )
    func `a key is what JsonConverter writes of the same value`(
        converter: KeyConverter,
        key: [UInt8],
        type: String,
        payload: String
    ) throws {
        let expected = #"{"schema":{"type":\#(type),"optional":false},"payload":\#(payload)}"#
        #expect(String(decoding: try converter.json(of: key), as: UTF8.self) == expected)
    }

    @Test(
        arguments: [
            (.string, [0xC3]), (.int16, [1]), (.int32, [0, 0, 0]), (.int32, Array("{\"id\": 1}".utf8)),
            (.int64, []), (.float, [1]), (.double, [1, 2, 3, 4]), (.boolean, [2]), (.boolean, []),
        ] as [(KeyConverter, [UInt8])]
    )
    func `a key of other bytes has an error that names the converter`(converter: KeyConverter, key: [UInt8]) {
        let error = #expect(throws: DecodeError.self) { try converter.json(of: key) }
        #expect(error?.description.contains(converter.name) == true)
    }

    @Test func `a record without a key has none`() throws {
        for converter in KeyConverter.allCases {
            #expect(try converter.withJSON(nil) { $0 == nil })
        }
    }

    @Test func `the converters are known by Connect's classes, and pass over what is not theirs`() throws {
        for converter in KeyConverter.allCases {
            let configuration = try ConfigurationFixture.read([
                "key.converter": converter.rawValue, "key.converter.schema.registry.url": "http://r",
                "key.converter.schemas.enable": "false",
            ])
            #expect(configuration.converters.key == converter)
            #expect(configuration.notes.map(\.property) == ["key.converter.schema.registry.url"])
        }
        let string = KeyConverter.string.rawValue
        for changes in [
            ["key.converter": "io.confluent.connect.protobuf.ProtobufConverter"], ["value.converter": string],
            ["key.converter": string, "key.converter.encoding": "ISO-8859-1"],
        ] {
            #expect(ConfigurationFixture.problems(changes).count == 1)
        }
    }
}
