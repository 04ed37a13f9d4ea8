import Testing

@testable import ChangeEvents

/// What stands after `source` is stepped over when it is like that of a former event, and never wrongly.
@Suite("Former events") struct FormerEventTests {
    /// What is read of each event of a row, one after the other, as text.
    private func read(_ events: [String], isKept: Bool) -> [String] {
        var former = FormerEvent(isKept: isKept)
        return events.map { event in
            let bytes = Array(event.utf8)
            do throws(DecodeError) {
                return describe(try RecordValue(bytes.span.bytes, knownSchema: 0, like: &former))
            } catch {
                return "refused"
            }
        }
    }

    private func describe(_ value: RecordValue) -> String {
        switch value {
        case .null: return "null"
        case .envelope(let envelope):
            let parts = [envelope.before, envelope.after, envelope.source].map { $0.map { "\($0)" } ?? "-" }
            return "\(envelope.operation) \(parts.joined(separator: " "))"
        case .row(let range, let deleted): return "row \(range) \(deleted.map { "\($0)" } ?? "-")"
        }
    }

    private static let head = #"{"before":null,"after":{"id":1},"source":{"lsn":12}"#
    private static let tail = #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002}"#

    /// Second events after a first one with the same head and `tail`.
    private static let seconds = [
        tail,
        #","transaction":null,"op":"c","ts_ms":1700000000001,"ts_us":1700000000001002}"#,
        #","transaction":null,"op":"u","ts_ms":1800000999999,"ts_us":1800000999999000}"#,
        #","transaction":null,"op":"u","ts_ms":9,"ts_us":10}"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001}"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002,"after":{"id":2}}"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002,"op":"d"}"#,
        #","transaction":{"id":"1:2"},"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002}"#,
        #","transaction":null,"op":"x","ts_ms":1700000000001,"ts_us":1700000000001002}"#,
        #","transaction":null,"op":1,"ts_ms":1700000000001,"ts_us":1700000000001002}"#,
        #","transaction":null,"op":"u","ts_ms":0700000000001,"ts_us":1700000000001002}"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002}}"#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":1700000000001002} "#,
        #","transaction":null,"op":"u","ts_ms":1700000000001,"ts_us":}"#,
        #","op":"d"}"#,
        "}",
    ]

    @Test(arguments: seconds, seconds)
    func `a series of events is read as each one by itself`(second: String, third: String) {
        let events = [Self.tail, second, third, Self.tail, third, second].map { Self.head + $0 }
        #expect(read(events, isKept: true) == read(events, isKept: false))
    }

    @Test(arguments: seconds)
    func `so is one with schemas`(second: String) {
        let events = [Self.tail, second, Self.tail, second].map {
            #"{"schema":null,"payload":"# + Self.head + $0 + "}"
        }
        #expect(read(events, isKept: true) == read(events, isKept: false))
    }

    @Test func `members after source that count are not taken from a former event`() {
        let tails = [
            #","after":{"id":1},"op":"u","ts_ms":1}"#, #","after":{"id":22},"op":"u","ts_ms":1}"#,
            #","__deleted":"true","op":"u","ts_ms":1}"#, #","message":{"a":1},"op":"m","ts_ms":1}"#,
            #","schema":null,"op":"u","ts_ms":1}"#, #","payload":{"a":1},"op":"u","ts_ms":1}"#,
        ]
        let events = tails.flatMap { [$0, $0] }.map { #"{"before":{"id":1},"source":{"lsn":12}"# + $0 }
        #expect(read(events, isKept: true) == read(events, isKept: false))
    }

    @Test func `an operation that a growing number moves is found`() {
        let events = ["9", "10", "999", "1000"].map {
            #"{"after":{"id":1},"source":{"lsn":12},"n":\#($0),"op":"u","ts_ms":1}"#
        }
        #expect(read(events, isKept: true) == read(events, isKept: false))
    }

    @Test func `an operation in front of source is kept`() {
        let events = ["u", "c", "d", "u"].map {
            #"{"before":{"id":1},"after":{"id":1},"op":"\#($0)","source":{"lsn":12},"ts_ms":1}"#
        }
        #expect(read(events, isKept: true) == read(events, isKept: false))
    }

    @Test func `what is like a former event is stepped over`() throws {
        var former = FormerEvent()
        let first = Array((Self.head + Self.tail).utf8)
        _ = try RecordValue(first.span.bytes, knownSchema: 0, like: &former)
        let tail = Array(Self.tail.replacing("1700000000001", with: "1712345678901").utf8)
        var scanner = JSONScanner(tail.span.bytes)
        let operation = former.skipTail(&scanner)
        #expect(operation.map { Array(tail[$0]) } == Array(#""u""#.utf8))
        #expect(scanner.position == tail.count - 1)
    }
}
