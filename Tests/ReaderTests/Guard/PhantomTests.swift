import Shared
import Testing

@testable import Reader

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
    @Test func `what stands at the fork or behind it is dead`() {
        let branch = DeadBranch(fork: LSN(rawValue: 100))
        #expect(branch.verdict(on: event(100, after: nil)) == .dead)
        #expect(branch.verdict(on: event(99, after: nil)) == .alive)
    }

    @Test func `a change before the fork is dead if its transaction was committed behind it`() {
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
        let found = PhantomScan.Found(
            events: events.map { ($0, branch.verdict(on: $0)) }.filter { $0.1 != .alive }
        )
        #expect(found.doubtful == [8, 9])
        #expect(found.keys(committed: [8]).map(\.key) == [events[2].key])
        #expect(found.keys(committed: [8, 9]).isEmpty)
    }

    @Test(arguments: [
        #"{"before":null,"after":{"id":5},"op":"u","source":{"schema":"public","table":"t","txId":780,"lsn":90,"sequence":"[\"80\",\"90\"]"}}"#,
        #"{"schema":{},"payload":{"before":null,"after":{"id":5},"op":"u","source":{"schema":"public","table":"t","txId":780,"lsn":90,"sequence":"[\"80\",\"90\"]"}}}"#,
    ])
    func `table, key and positions are read with and without a schema`(value: String) throws {
        let key = Array(#"{"id":5,"name":"x","big":true,"gone":null}"#.utf8)
        let bytes = Array(value.utf8)
        let found = try #require(try DeadEvent.read(key: key.span.bytes, value: bytes.span.bytes))
        #expect(found.table == .init(schema: "public", name: "t"))
        #expect(found.lsn == LSN(rawValue: 90))
        #expect(found.previousCommit == LSN(rawValue: 80))
        #expect(found.transaction == 780)
        #expect(found.key.map(\.text) == ["5", "x", "true", nil])
    }

    static let table = RepairTable(
        table: .init(schema: "public", name: "t"),
        columns: [
            .init(
                name: "id",
                type: "integer",
                base: "int4",
                category: "N",
                isRequired: true,
                isToasted: false,
                isFixed: false,
                isGenerated: false
            ),
            .init(
                name: "body",
                type: "text",
                base: "text",
                category: "S",
                isRequired: true,
                isToasted: true,
                isFixed: false,
                isGenerated: false
            ),
            .init(
                name: "day",
                type: "date",
                base: "date",
                category: "D",
                isRequired: false,
                isToasted: false,
                isFixed: false,
                isGenerated: false
            ),
        ]
    )

    @Test func `a row is written as it is, with large values anew`() {
        let key = [DeadEvent.KeyPart(column: "id", text: "5")]
        #expect(
            Self.table.touch(key)
                == #"update "public"."t" set "body" = ("body"::text)::text where "id" = $1::text::integer"#
        )
    }

    @Test func `a missing row gets neutral values where it must have some`() {
        let key = [DeadEvent.KeyPart(column: "id", text: "5")]
        #expect(
            Self.table.insert(key)
                == #"insert into "public"."t" ("id", "body") overriding system value "#
                + "values ($1::text::integer, ''::text) on conflict do nothing"
        )
    }

    @Test func `a key that the record does not hold as SQL writes it is refused`() {
        #expect(Self.table.refusal(of: [.init(column: "id", text: "5")]) == nil)
        #expect(Self.table.refusal(of: [.init(column: "day", text: "19000")]) != nil)
        #expect(Self.table.refusal(of: [.init(column: "nope", text: "1")]) != nil)
        #expect(Self.table.refusal(of: [.init(column: "id", text: nil)]) != nil)
        #expect(Self.table.refusal(of: []) != nil)
    }
}
