import Evidence
import Model
import Testing

@testable import Compare

@Suite("Rows that differ") struct SuspectTests {
    private static func key(_ hash: Int64) -> RowKey { RowKey(hash: hash, texts: ["\(hash)"]) }

    private static func rows(_ rows: [(Int64, Int64)]) -> [(RowKey, RowState)] {
        rows.map { (key($0.0), RowState(hashes: $0.1)) }
    }

    @Test func `both sides' rows are merged by key, however they are cut into pieces`() {
        var merge = RowMerge()
        merge.take(Self.rows([(-5, 1), (1, 1)]), from: .source)
        merge.take(Self.rows([(1, 1)]), from: .destination)
        #expect(merge.wanting.contains(.destination))
        merge.take(Self.rows([(1, 9), (2, 2), (7, 7)]), from: .destination)
        merge.take(Self.rows([(2, 3)]), from: .source)
        merge.take([], from: .source)
        merge.take([], from: .destination)
        #expect(merge.wanting.isEmpty)
        #expect(merge.suspects.map(\.key.hash) == [-5, 1, 2, 7])
        // The second row of key 1 came in another piece.
        #expect(merge.suspects[1].destination?.rowCount == 2)
        #expect(merge.suspects[0].destination == nil)
        #expect(merge.suspects[3].source == nil)
    }

    @Test func `equal hashes of other keys are told by their text's bytes`() {
        #expect(RowKey(hash: 1, texts: ["Z"]) < RowKey(hash: 1, texts: ["a"]))
        #expect(RowKey(hash: 1, texts: ["a", "b"]) < RowKey(hash: 1, texts: ["a", "ä"]))
    }

    private static let second: UInt64 = 1_000_000_000

    private static func tracker(_ suspects: [Suspect]) -> SuspectTracker {
        SuspectTracker(suspects, grace: 2 * second, at: 0)
    }

    @Test func `a row that arrives is no difference, and its time is the lag`() {
        let suspect = Suspect(key: Self.key(1), source: .init(hashes: 5))
        var tracker = Self.tracker([suspect])
        tracker.take(source: [Self.key(1): .init(hashes: 5)], destination: [:], at: Self.second)
        #expect(!tracker.isSettled(at: Self.second))
        let state = [Self.key(1): RowState(hashes: 5)]
        tracker.take(source: state, destination: state, at: 2 * Self.second)
        #expect(tracker.isSettled(at: 2 * Self.second))
        #expect(tracker.lag == 2 * Self.second)
        #expect(tracker.inFlightCount == 1)
    }

    @Test func `a row that is always behind arrives when it shows what the source held`() {
        let key = Self.key(1)
        var tracker = Self.tracker([
            Suspect(key: key, source: .init(hashes: 5), destination: .init(hashes: 1))
        ])
        tracker.take(source: [key: .init(hashes: 8)], destination: [key: .init(hashes: 2)], at: 1)
        #expect(tracker.keys == [key])
        tracker.take(source: [key: .init(hashes: 9)], destination: [key: .init(hashes: 8)], at: 2)
        #expect(tracker.keys.isEmpty)
    }

    @Test func `a row that skips versions arrives when it is past the first one`() {
        let key = Self.key(1)
        var tracker = Self.tracker([
            Suspect(
                key: key,
                source: .init(hashes: 5, version: 50),
                destination: .init(hashes: 1, version: 10)
            )
        ])
        tracker.take(
            source: [key: .init(hashes: 9, version: 90)],
            destination: [key: .init(hashes: 7, version: 70)],
            at: 1
        )
        #expect(tracker.keys.isEmpty)
    }

    @Test func `a difference that stands still outlasts three times the lag`() {
        let (slow, wrong) = (Self.key(1), Self.key(2))
        var tracker = Self.tracker([
            Suspect(key: slow, source: .init(hashes: 5)), Suspect(key: wrong, source: .init(hashes: 6)),
        ])
        let source = [slow: RowState(hashes: 5), wrong: RowState(hashes: 6)]
        tracker.take(source: source, destination: [slow: .init(hashes: 5)], at: Self.second)
        #expect(!tracker.isSettled(at: 3 * Self.second))
        #expect(tracker.isSettled(at: 4 * Self.second))
        let (still, moving) = tracker.remaining(at: 4 * Self.second)
        #expect(still.map(\.key) == [wrong])
        #expect(moving == 0)
    }

    @Test func `a row that still changes is neither right nor wrong`() {
        let key = Self.key(1)
        var tracker = Self.tracker([Suspect(key: key, destination: .init(hashes: 1))])
        tracker.take(source: [:], destination: [key: .init(hashes: 2)], at: 9 * Self.second)
        let (still, moving) = tracker.remaining(at: 10 * Self.second)
        #expect(still.isEmpty)
        #expect(moving == 1)
    }

    @Test(
        arguments: [
            (5, nil, Difference.Kind.missing), (nil, 5, .extra), (5, 4, .behind), (4, 5, .ahead),
            (5, 5, .different),
        ] as [(Int64?, Int64?, Difference.Kind)]
    )
    func `a difference is named by its versions`(
        source: Int64?,
        destination: Int64?,
        kind: Difference.Kind
    ) {
        let suspect = Suspect(
            key: Self.key(1),
            source: source.map { .init(hashes: 1, version: $0) },
            destination: destination.map { .init(hashes: 2, version: $0) }
        )
        #expect(Difference(suspect).kind == kind)
    }

    @Test func `a version that nobody tried to write is foreign`() {
        let suspect = Suspect(
            key: Self.key(1),
            source: .init(hashes: 1, version: 5),
            destination: .init(hashes: 2, version: 4)
        )
        #expect(Difference(suspect, attempted: [1: [5]]).kind == .foreign)
        #expect(Difference(suspect, attempted: [1: [4, 5]]).kind == .behind)
    }

    private static func repair() throws -> RepairSQL {
        let table = TableDescription(
            name: "public.t",
            columns: [
                .init(name: "id", type: "int8", declaration: "bigint"),
                .init(name: "v", type: "text", declaration: "text"),
                .init(
                    name: "g",
                    type: "int4",
                    declaration: "integer",
                    isComputed: true,
                    isGenerated: true
                ),
            ],
            key: ["id"],
            blockCount: 1,
            encoding: "UTF8",
            version: 150_000,
            isStandby: false
        )
        return RepairSQL(table: "public.t", pairing: try ColumnPairing(table, table))
    }

    @Test func `repairs depend on the row that was seen`() throws {
        let repair = try Self.repair()
        let here = RowLiterals(values: ["'1'", "'it''s'", "'3'"])
        let there = RowLiterals(values: ["'1'", "NULL", "'3'"])
        let state = RowState(hashes: 1)
        let both = Difference(Suspect(key: Self.key(1), source: state, destination: .init(hashes: 2)))
        #expect(
            repair.statement(both, source: here, destination: there) == """
                -- different
                update public.t set "v" = 'it''s'::text where "id" = '1'::bigint \
                and "v"::text is not distinct from NULL and "g"::text is not distinct from '3';
                """
        )
        let missing = Difference(Suspect(key: Self.key(1), source: state))
        #expect(
            repair.statement(missing, source: here, destination: nil) == """
                -- missing
                insert into public.t ("id", "v") overriding system value \
                values ('1'::bigint, 'it''s'::text) on conflict do nothing;
                """
        )
        let extra = Difference(Suspect(key: Self.key(1), destination: state))
        #expect(
            repair.statement(extra, source: nil, destination: there)
                .hasPrefix("-- extra\ndelete from public.t where \"id\" = '1'::bigint and ")
        )
    }

    @Test func `rows that share a key are not repaired`() throws {
        let twice = Difference(
            Suspect(
                key: Self.key(1),
                source: .init(hashes: 1),
                destination: .init(rowCount: 2, hashes: 2)
            )
        )
        let row = RowLiterals(values: ["'1'", "'a'", "'3'"])
        let text = try Self.repair().statement(twice, source: row, destination: row)
        #expect(text.hasPrefix("-- extra"))
        #expect(!text.contains("\n"))
    }
}
