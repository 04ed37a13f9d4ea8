import ChangeEvents
import Testing

/// Runs `body` on a scanner over the text's bytes.
private func scan<R>(_ text: String, _ body: (inout JSONScanner) throws -> R) throws -> R {
    let bytes = Array(text.utf8)
    var scanner = JSONScanner(bytes.span.bytes)
    return try body(&scanner)
}

struct JSONScannerTests {
    @Test func `members come in order and skipped values are stepped over`() throws {
        let keys = try scan(#" { "a" : [1, {"x": "}"}], "b":null,"c":-7 } "#) { scanner in
            var keys: [String] = []
            try scanner.openObject()
            while let key = try scanner.nextKey() {
                keys.append(try scanner.value(of: key))
                try scanner.skipValue()
            }
            try scanner.finish()
            return keys
        }
        #expect(keys == ["a", "b", "c"])
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)]
    )
    func `integers of 64 bits are exact`(text: String, value: Int64) throws {
        #expect(try scan(text) { try $0.integer() } == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "1.0", "1e3", "", "-", "01", "true", "\"1\"",
    ])
    func `what is no 64-bit integer is refused`(text: String) {
        #expect(throws: DecodeError.self) { try scan(text) { try $0.integer() } }
    }

    @Test func `escapes resolve to their characters, also beyond the first plane`() throws {
        let text = try scan(#""a\"\\\/\b\f\n\r\t\u00e4\uD83D\uDE00""#) { scanner in
            try scanner.value(of: try scanner.string())
        }
        #expect(text == "a\"\\/\u{8}\u{C}\n\r\t\u{E4}\u{1F600}")
    }

    @Test(arguments: [#""\uD83D""#, #""\uDE00\uD83D""#, #""\uD83Dx""#])
    func `half of a surrogate pair is refused`(text: String) {
        #expect(throws: DecodeError.self) { try scan(text) { try $0.value(of: try $0.string()) } }
    }

    @Test(
        arguments: [
            "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{,}", "{1:2}", "[1,]",
            "[1 2]",
            "[", "tru", "nul", "\"abc", "\"a\\x\"", "\"a\\u12\"", "\"\u{1}\"", "1.", "1e", "-", "01", "+1",
            ".5", "{} x",
            "", " ",
        ]
    )
    func `text that is no JSON is refused`(text: String) {
        #expect(throws: DecodeError.self) {
            try scan(text) {
                try $0.skipValue()
                try $0.finish()
            }
        }
    }

    @Test func `nesting without end is refused, not followed`() {
        #expect(throws: DecodeError.self) {
            try scan(String(repeating: "[", count: 100_000)) { try $0.skipValue() }
        }
    }

    @Test func `every beginning of a document is refused without a crash`() throws {
        let document = Array(
            #"{"before":null,"after":{"id":1,"t":"ä\n😀"},"n":[1.5e-3,true,false,null],"op":"c"}"#.utf8
        )
        for count in 0..<document.count {
            let part = Array(document[..<count])
            #expect(throws: DecodeError.self) {
                var scanner = JSONScanner(part.span.bytes)
                try scanner.skipValue()
                try scanner.finish()
            }
        }
    }

    @Test func `a schema registry's wire format is named as what it is`() {
        let avro: [UInt8] = [0, 0, 0, 1, 2, 0x0C, 0x66, 0x6F, 0x6F]
        let error = #expect(throws: DecodeError.self) { try Payload.range(of: avro.span.bytes) }
        #expect(error?.description.contains("(schema 258: Avro, Protobuf or JSON Schema)") == true)
        for other in [[0], [0, 0, 0, 1], [1, 0, 0, 0, 1, 2]] as [[UInt8]] {
            let error = #expect(throws: DecodeError.self) { try Payload.range(of: other.span.bytes) }
            #expect(error?.description.contains("registry") == false)
        }
    }
}
