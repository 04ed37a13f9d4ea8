import ChangeEvents
import Testing

private func part(_ text: String, _ range: Range<Int>?) -> String? {
    range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
}

struct EnvelopeTests {
    static let bare =
        #"{"before":{"id":1,"v":1},"after":{"id":1,"v":2},"source":{"lsn":5,"op":"x"},"op":"u","ts_ms":1}"#

    @Test(arguments: [bare, #"{"schema":{"type":"struct","fields":[{"field":"op"}]},"payload":\#(bare)}"#])
    func `an envelope is found with and without its schema`(text: String) throws {
        let bytes = Array(text.utf8)
        let envelope = try Envelope(bytes.span.bytes)
        #expect(envelope.operation == .update)
        #expect(part(text, envelope.before) == #"{"id":1,"v":1}"#)
        #expect(part(text, envelope.after) == #"{"id":1,"v":2}"#)
        #expect(part(text, envelope.source) == #"{"lsn":5,"op":"x"}"#)
    }

    @Test func `a delete has no row after it`() throws {
        let bytes = Array(#"{"before":{"id":1},"after":null,"op":"d"}"#.utf8)
        let envelope = try Envelope(bytes.span.bytes)
        #expect(envelope.operation == .delete)
        #expect(envelope.after == nil)
    }

    @Test(
        arguments: [
            #"{"after":{"id":1}}"#, #"{"op":"z","after":{}}"#, #"{"op":1}"#, #"{"op":"u","after":7}"#, "[]",
            "7",
            #"{"op":"u","after":{"id":1}"#,
        ]
    )
    func `what is no change event is refused`(text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: DecodeError.self) { try Envelope(bytes.span.bytes) }
    }
}

struct RecordValueTests {
    private func kind(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        switch try RecordValue(bytes.span.bytes) {
        case .null: return "null"
        case .envelope: return "envelope"
        case .row(_, let deleted): return "row " + (part(text, deleted) ?? "-")
        }
    }

    @Test(
        arguments: [
            (EnvelopeTests.bare, "envelope"),
            (#"{"schema":null,"payload":\#(EnvelopeTests.bare)}"#, "envelope"),
            (#"{"op":"m","source":{},"message":{}}"#, "envelope"), ("null", "null"),
            (#"{"schema":null,"payload":null}"#, "null"), (#"{"id":1}"#, "row -"),
            // A table may have columns of these names.
            (#"{"op":"c","before":null,"source":"text"}"#, "row -"), (#"{"op":"c","source":{}}"#, "row -"),
            (#"{"before":null,"after":{},"source":{}}"#, "row -"),
            (#"{"schema":{},"payload":{"id":1,"__deleted":"true"}}"#, #"row "true""#),
        ]
    )
    func `an envelope is told from a row`(text: String, kind: String) throws {
        #expect(try self.kind(text) == kind)
    }

    @Test(arguments: ["", "7", "[]", "{}", #"{"id":1"#, #"{"op":"z","after":null,"source":{}}"#])
    func `what is neither is refused`(text: String) {
        #expect(throws: DecodeError.self) { try kind(text) }
    }
}

struct PayloadTests {
    @Test(
        arguments: [
            (#"{"id":1}"#, #"{"id":1}"#),
            (#"{"schema":null,"payload":{"id":1}}"#, #"{"id":1}"#),
            (#"{"payload":{"id":1},"schema":{"type":"struct"}}"#, #"{"id":1}"#),
            (#"{"schema":{"type":"int32"},"payload":7}"#, "7"),
            // A table may have columns of these names; with a third one it is a row.
            (#"{"schema":"public","payload":"x"}"#, #"{"schema":"public","payload":"x"}"#),
            (#"{"schema":{},"payload":1,"id":2}"#, #"{"schema":{},"payload":1,"id":2}"#),
            (" 42 ", "42"),
        ]
    )
    func `the payload is what stands beside the schema, or the whole`(text: String, payload: String) throws {
        let bytes = Array(text.utf8)
        #expect(part(text, try Payload.range(of: bytes.span.bytes)) == payload)
    }
}
