import Testing

@testable import ChangeEvents

/// A value that is much like the one before is stepped over without a closer look, and never wrongly.
@Suite struct RepeatedTextTests {
    /// Steps over `first`, then over `second`, with what follows a value in an event after both.
    private func end(after first: String, of second: String) throws(DecodeError) -> Int {
        var repeated = RepeatedText()
        let bytes = Array((first + ",").utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        _ = try repeated.skip(&scanner)
        let others = Array((second + ",\"op\":\"u\"}").utf8)
        var other = JSONScanner(others.span.bytes)
        return try repeated.skip(&other).upperBound
    }

    @Test(arguments: [
        (#"{"lsn":1234,"snapshot":"false"}"#, #"{"lsn":1239,"snapshot":"false"}"#),
        (#"{"lsn":99,"ts":5}"#, #"{"lsn":100,"ts":5}"#),
        (#"{"lsn":100,"ts":5}"#, #"{"lsn":99,"ts":5}"#),
        (#"{"lsn":12,"ts":5}"#, #"{"lsn":1,"ts":5}"#),
        (#"{"lsn":1,"ts":5}"#, #"{"lsn":12345678901,"ts":5}"#),
        (#"{"a":0.05,"b":-7}"#, #"{"a":0.051,"b":-71}"#),
        (#"{"sequence":"[\"12\",\"34\"]","x":1}"#, #"{"sequence":"[\"13\",\"345\"]","x":10}"#),
        (#"{"name":"a1"}"#, #"{"name":"a"}"#),
        (#"{"xmin":null,"x":1}"#, #"{"xmin":7,"x":1}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":1334567898999,"lsn":46}"#),
        (#"{"ts_ms":9999999999999,"lsn":45}"#, #"{"ts_ms":1000000000000,"lsn":46}"#),
        (#"{"ts_ms":9999999999999,"lsn":45}"#, #"{"ts_ms":10000000000000,"lsn":46}"#),
        (#"{"sequence":"[\"99999999\"]","lsn":4}"#, #"{"sequence":"[\"00000000\"]","lsn":5}"#),
        (#"{"a":1,"bb":1111111111111111}"#, #"{"a":1,"bb":1000000000000000}"#),
        (#"{"a":1,"bbb":111,"c":2}"#, #"{"a":1,"bbb":10700,"c":2}"#),
        (#"{"a":1,"bb":5,"c":2}"#, #"{"a":1,"bb":0,"c":0}"#),
        (#"{"a":-5.5e5,"b":7}"#, #"{"a":-0.0e0,"b":0}"#),
        ("[1,2,3]", "[3,2,10]"),
        ("{}", #"{"a":1}"#),
        ("12", "123"),
    ]) func whateverFollowsItsEndIsFound(first: String, second: String) throws {
        #expect(try end(after: first, of: second) == second.utf8.count)
    }

    @Test(arguments: [
        (#"{"lsn":10}"#, #"{"lsn":00}"#),
        (#"{"lsn":12}"#, #"{"lsn":02}"#),
        (#"{"lsn":0}"#, #"{"lsn":05}"#),
        (#"{"lsn":1.5}"#, #"{"lsn":1.}"#),
        (#"{"lsn":-5}"#, #"{"lsn":-}"#),
        (#"{"lsn":5}"#, #"{"lsn":}"#),
        (#"{"lsn":1e5}"#, #"{"lsn":1e}"#),
        (#"{"name":"\u0041"}"#, #"{"name":"\u041"}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":0234567890123,"lsn":45}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":1234567890123,"lsn":05}"#),
        (#"{"a":"xyz","ts":12,"lsn":45}"#, #"{"a":"xyz","ts":02,"lsn":45}"#),
        (#"{"a":"vwxyz","ts":12,"lsn":45}"#, #"{"a":"vwxyz","ts":00,"lsn":45}"#),
        (#"{"a":-5,"ts":12,"lsn":45}"#, #"{"a":-5,"ts":1,"lsn":-05}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":123456789012:,"lsn":45}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":123456/890123,"lsn":45}"#),
        (#"{"ts_ms":1234567890123,"lsn":45}"#, #"{"ts_ms":123456°90123,"lsn":45}"#),
        (#"{"lsn":1234,"b":"x"}"#, #"{"lsn":1234,"b":"x"#),
    ]) func whatIsNotJSONIsRefusedAfterSomethingLikeIt(first: String, second: String) {
        #expect(throws: DecodeError.self) { try end(after: first, of: second) }
    }
}
