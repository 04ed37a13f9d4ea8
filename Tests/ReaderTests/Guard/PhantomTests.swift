import Model
import Testing

@testable import Guard

private func event(_ lsn: UInt64, after previous: UInt64?, of transaction: Int64? = nil) -> DeadEvent {
    DeadEvent(
        table: .init(schema: "public", name: "t"),
        key: [.init(column: "id", text: "\(lsn)")],
        lsn: LSN(rawValue: lsn),
        previousCommit: previous.map { LSN(rawValue: $0) },
        transaction: transaction
    )
}

struct PhantomTests {
    @Test func `what stands at the fork or after it is dead`() {
        let branch = DeadBranch(fork: LSN(rawValue: 100))
        #expect(branch.verdict(on: event(100, after: nil)) == .dead)
        #expect(branch.verdict(on: event(99, after: nil)) == .alive)
    }

    @Test func `a change before the fork is dead if its transaction was committed after it`() {
        var branch = DeadBranch(fork: LSN(rawValue: 100))
        let events = [
            event(50, after: 40), event(70, after: 60), event(90, after: 80), event(120, after: 110),
        ]
        for event in events { branch.see(event) }
        #expect(events.map(branch.verdict) == [.alive, .alive, .dead, .dead])
    }

    @Test func `the last transaction before the fork is dead only where the leader does not have it`() {
        var branch = DeadBranch(fork: LSN(rawValue: 100))
        let events = [event(50, after: 40, of: 7), event(70, after: 60, of: 8), event(90, after: 60, of: 9)]
        for event in events { branch.see(event) }
        var found = PhantomScan.Found()
        for event in events { found.add(event, branch.verdict(on: event), limit: 10) }
        #expect(found.doubtful == [8, 9])
        #expect(found.keys(committed: [8]).map(\.key) == [events[2].key])
        #expect(found.keys(committed: [8, 9]).isEmpty)
    }

    @Test func `keys beyond the limit are counted, not kept`() {
        var found = PhantomScan.Found()
        for number in [1, 2, 2, 3, 1, 4] as [UInt64] { found.add(event(number, after: nil), .dead, limit: 2) }
        #expect(found.keys(committed: []).map(\.key) == [event(1, after: nil).key, event(2, after: nil).key])
        #expect(found.leftOutCount == 2)
    }

    @Test func `keys that only look the same are two`() {
        var found = PhantomScan.Found()
        for text in ["\u{E9}", "e\u{301}"] {
            var one = event(1, after: nil)
            one.key = [.init(column: "id", text: text)]
            found.add(one, .dead, limit: 10)
        }
        #expect(found.keys(committed: []).count == 2)
    }

    private static let origin = DeadEvent.Origin(name: "prod", database: "shop")

    /// `source` of an event that a connector with the prefix `prod` on the database `shop` sent, but for one member.
    private static func source(_ connector: String, _ name: String, _ database: String) -> String {
        #"{"connector":\#(connector),"name":\#(name),"db":\#(database),"schema":"public","table":"t","txId":7,"lsn":90}"#
    }

    @Test(arguments: [
        (source(#""postgresql""#, #""prod""#, #""shop""#), true),
        (source(#""postgresql""#, #""pr\u006fd""#, #""shop""#), true),
        (source(#""postgresql""#, #""prod.eu""#, #""shop""#), false),
        (source(#""postgresql""#, #""prod\u0301""#, #""shop""#), false),
        (source(#""postgresql""#, "null", #""shop""#), false),
        (source(#""postgresql""#, #""prod""#, #""other""#), false),
        (source(#""mysql""#, #""prod""#, #""shop""#), false),
        (#"{"schema":"public","table":"t","txId":7,"lsn":90}"#, false),
    ])
    func `events of another connector, server or database are none of ours`(source: String, isOwn: Bool)
        throws
    {
        let key = Array(#"{"id":5}"#.utf8)
        let value = Array(#"{"before":null,"after":{"id":5},"op":"u","source":\#(source)}"#.utf8)
        let found = try DeadEvent.read(key: key.span.bytes, value: value.span.bytes, of: Self.origin)
        #expect((found != nil) == isOwn)
    }

    @Test(arguments: [
        #"{"before":null,"after":{"id":5},"op":"u","source":{"connector":"postgresql","name":"prod","db":"shop","schema":"public","table":"t","txId":780,"lsn":90,"sequence":"[\"80\",\"90\"]"}}"#,
        #"{"schema":{},"payload":{"before":null,"after":{"id":5},"op":"u","source":{"connector":"postgresql","name":"prod","db":"shop","schema":"public","table":"t","txId":780,"lsn":90,"sequence":"[\"80\",\"90\"]"}}}"#,
    ])
    func `table, key and positions are read with and without a schema`(value: String) throws {
        let key = Array(#"{"id":5,"name":"x","big":true,"gone":null}"#.utf8)
        let bytes = Array(value.utf8)
        let found = try #require(
            try DeadEvent.read(key: key.span.bytes, value: bytes.span.bytes, of: Self.origin)
        )
        #expect(found.table == .init(schema: "public", name: "t"))
        #expect(found.lsn == LSN(rawValue: 90))
        #expect(found.previousCommit == LSN(rawValue: 80))
        #expect(found.transaction == 780)
        #expect(found.key.map(\.text) == ["5", "x", "true", nil])
    }
}
