import Shared
import Testing

private func decode(_ text: String) throws -> HistoryLine {
    let bytes = Array(text.utf8)
    return try HistoryLine(decoding: bytes.span.bytes)
}

struct HistoryLineTests {
    static let session = HistoryLine.Session(
        node: "127.0.0.1:5433",
        backendProcessID: 77,
        timeline: Timeline(3)
    )
    static let name = HistoryLine.AttemptName(worker: 2, id: 17, token: Token(900))
    static let why = HistoryLine.Unacknowledged(sqlState: "57P01", phase: .commit, reason: "going \"away\"")

    static let events: [HistoryLine.Event] = [
        .run(.init(by: "writer", run: "ab12", workers: 4, rows: 1000, rate: 100)),
        .connect(worker: 1, session),
        .disconnect(worker: 1, sqlState: nil, reason: "refused"),
        .invoke(.init(name: name, previous: 899), session),
        .ok(name, latency: 1200, intendedLatency: 5400),
        .fail(name, why),
        .info(name, why),
        .settled(name, didHappen: true, value: 900, session),
        .settled(name, didHappen: false, value: nil, session),
        .observed(worker: 1, id: 17, value: 850, expected: 900, session),
        .end(by: "writer", run: "ab12"),
        .fault(
            .init(edge: .begin, fault: "kill", target: "patroni2", leader: "patroni2", timeline: Timeline(3))
        ),
        .fault(.init(edge: .end, fault: "kill", target: "patroni2", leader: nil, timeline: nil)),
        .restart(connector: "source-connector", reason: "FAILED"),
        .rewind(connector: "source-connector", from: "0/47FC0A0", to: "0/479C430"),
        .lag(
            .init(
                buckets: [.init(microseconds: 900, count: 3), .init(microseconds: 12_000, count: 1)],
                recordsBehind: nil,
                divergentRows: 2,
                state: "OK"
            )
        ),
        .fence(id: 3, token: Token(-5), previous: 0),
    ]

    @Test(arguments: events)
    func `what is written is what is read`(event: HistoryLine.Event) throws {
        let line = HistoryLine(event, at: Moment(monotonic: 123_456_789_012, wall: 1_700_000_000_000_000))
        let bytes = line.encoded()
        #expect(bytes.last == UInt8(ascii: "\n"))
        #expect(try decode(String(decoding: bytes.dropLast(), as: UTF8.self)) == line)
    }

    @Test func `a line of an unknown type is kept, so that a newer program may write more`() throws {
        let line = try decode(#"{"type":"weather","mono":1,"wall":2,"sun":{"deep":[1]}}"#)
        #expect(line.event == .unknown(type: "weather"))
    }

    @Test(
        arguments: [
            "{}", #"{"type":"ok","mono":1,"wall":2}"#, #"{"mono":1,"wall":2}"#, #"{"type":"ok"#,
            #"{"type":"run","version":2,"by":"w","run":"r","workers":1,"rows":1,"rate":1,"mono":1,"wall":1}"#,
        ]
    )
    func `a line that lacks what its type needs is refused`(text: String) {
        #expect(throws: DecodeError.self) { try decode(text) }
    }
}
