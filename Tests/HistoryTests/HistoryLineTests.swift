import ChangeEvents
import History
import Model
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
        .run(
            .init(by: "writer", run: "ab12", workers: 4, rows: 9, rate: 0, workload: "mixed", seed: 12)
        ),
        .connect(worker: 1, session),
        .disconnect(worker: 1, sqlState: nil, reason: "refused", cause: "unreachable"),
        .invoke(.init(name: name, previous: 899), session),
        .invoke(
            .init(name: name, previous: 899, work: .init(table: "t", operation: .move, movedTo: 900)),
            session
        ),
        .invoke(
            .init(
                name: name,
                previous: 899,
                work: .init(
                    table: "t",
                    operation: .transfer,
                    other: .init(id: 18, previous: 7),
                    amount: -3
                )
            ),
            session
        ),
        .invoke(
            .init(
                name: name,
                previous: 899,
                work: .init(table: HistoryLine.defaultTable, operation: .outbox, size: 9)
            ),
            session
        ),
        .info(name, .init(sqlState: nil, phase: .commit, reason: "gone", cause: "connection-lost")),
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
        .restart(connector: "source-connector", task: 0, reason: "FAILED"),
        .restart(
            connector: "source-connector",
            task: 0,
            reason: "FAILED",
            stored: "0/47FC0A0",
            timeline: Timeline(2)
        ),
        .restart(connector: "source-connector", reason: "FAILED"),
        .rewind(connector: "source-connector", from: "0/47FC0A0", to: "0/479C430", timeline: Timeline(2)),
        .rewind(connector: "source-connector", from: "0/47FC0A0", to: "0/479C430", timeline: nil),
        .guardAct(.init(connector: "c", action: .settle, reason: "the leader is away")),
        .guardAct(
            .init(
                connector: "c",
                action: .gap,
                reason: "no slot",
                node: "patroni2",
                timeline: Timeline(4),
                from: "0/4",
                to: "0/5"
            )
        ),
        .phantom(
            .init(
                connector: "c",
                table: "public.t",
                key: #"{"id":5}"#,
                outcome: "left",
                timeline: Timeline(4),
                reason: "no"
            )
        ),
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

    @Test func `a line of the first version is read as a plain update`() throws {
        let text =
            #"{"type":"invoke","worker":2,"id":17,"token":900,"previous":899,"node":"n","pid":1,"tl":3,"mono":1,"wall":2}"#
        guard case .invoke(let attempt, _) = try decode(text).event else {
            Issue.record("not an invoke line")
            return
        }
        #expect(attempt.work == nil)
        #expect(attempt.table == "debezium_table")
        #expect(attempt.changes == [.init(id: 17, before: 899, after: 900)])
    }

    @Test func `an attempt says of each key what it held and what it will hold`() {
        func changes(_ work: HistoryLine.Work) -> [HistoryLine.Change] {
            HistoryLine.Attempt(name: Self.name, previous: 899, work: work).changes
        }
        #expect(
            changes(.init(table: "t", operation: .insert)) == [.init(id: 17, before: nil, after: 900)]
        )
        #expect(
            changes(.init(table: "t", operation: .delete)) == [.init(id: 17, before: 899, after: nil)]
        )
        #expect(
            changes(.init(table: "t", operation: .move, movedTo: 900))
                == [.init(id: 17, before: 899, after: nil), .init(id: 900, before: nil, after: 900)]
        )
        #expect(
            changes(.init(table: "t", operation: .transfer, other: .init(id: 18, previous: 7), amount: 1))
                == [.init(id: 17, before: 899, after: 900), .init(id: 18, before: 7, after: 900)]
        )
    }

    @Test func `a line of an unknown type is kept, so that a newer program may write more`() throws {
        let line = try decode(#"{"type":"weather","mono":1,"wall":2,"sun":{"deep":[1]}}"#)
        #expect(line.event == .unknown(type: "weather"))
    }

    @Test(
        arguments: [
            "{}", #"{"type":"ok","mono":1,"wall":2}"#, #"{"mono":1,"wall":2}"#, #"{"type":"ok"#,
            #"{"type":"run","version":3,"by":"w","run":"r","workers":1,"rows":1,"rate":1,"mono":1,"wall":1}"#,
        ]
    )
    func `a line that lacks what its type needs is refused`(text: String) {
        #expect(throws: DecodeError.self) { try decode(text) }
    }
}
