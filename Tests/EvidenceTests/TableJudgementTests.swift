import Evidence
import History
import Model
import Testing

@Suite struct TableJudgementTests {
    @Test func `a row that holds the last acknowledged write has lost nothing`() {
        let judged = Attempts((10, 0, .ok), (20, 10, .fail), (30, 10, .ok)).judged([1: 30])
        #expect(judged.isClean)
        #expect(judged.acknowledgedCount == 2)
        #expect(judged.dead == [1: [20]])
    }

    @Test func `a row that went back has lost what came after`() {
        let judged = Attempts((10, 0, .ok), (20, 10, .ok), (30, 20, .ok)).judged([1: 10])
        #expect(judged.lostTokens == [20, 30])
    }

    @Test func `a loss is found under the writes that came after it`() {
        // The row went back to 10 in a failover, and 40 was written over that.
        let judged = Attempts((10, 0, .ok), (20, 10, .ok), (30, 20, .ok), (40, 10, .ok)).judged([1: 40])
        #expect(judged.lostTokens == [20, 30])
        #expect(judged.acknowledgedCount == 4)
    }

    @Test func `a loss is found under a write that nobody acknowledged`() {
        // 30 was written over 10, and 40 found it: so 20 was gone by then.
        let judged = Attempts((10, 0, .ok), (20, 10, .ok), (30, 10, .info), (40, 30, .ok)).judged([1: 40])
        #expect(judged.lostTokens == [20])
        #expect(judged.settlement.happened == 1)
    }

    @Test func `an attempt of unknown outcome may be there or not, one that failed may not`() {
        let open = Attempts((10, 0, .ok), (20, 10, .none))
        #expect(open.judged([1: 10]).isClean)
        #expect(open.judged([1: 10]).settlement.didNot == 1)
        #expect(open.judged([1: 20]).isClean)
        #expect(open.judged([1: 20]).settlement.happened == 1)
        let failed = Attempts((10, 0, .ok), (20, 10, .fail)).judged([1: 20])
        #expect(failed.resurrected.map(\.attempt.token) == [20])
        #expect(!failed.isClean)
        let overwritten = Attempts((10, 0, .ok), (20, 10, .settledFail), (30, 20, .ok)).judged([1: 30])
        #expect(overwritten.resurrected.map(\.attempt.token) == [20])
    }

    @Test func `what was there before the history is nobody's loss, a value of nobody's is foreign`() {
        #expect(Attempts((10, 7, .fail)).judged([1: 7]).isClean)
        #expect(Attempts((10, 7, .ok)).judged([1: 7]).lostTokens == [10])
        #expect(Attempts((10, 7, .ok)).judged([1: 99]).foreign.map(\.value) == [99])
    }

    @Test func `below a value of nobody's only that is lost which a later write did not find`() {
        let attempts = Attempts((10, 0, .ok), (20, 10, .ok), (30, 10, .ok), (40, 30, .info))
        let judged = attempts.judged([1: 99])
        #expect(judged.foreign.map(\.row) == [1])
        #expect(judged.lostTokens == [20])
        #expect(judged.settlement.superseded == 1)
        // A write that found a value of nobody's: what is below it was written over.
        #expect(Attempts((10, 0, .ok), (20, 10, .ok), (40, 35, .ok)).judged([1: 40]).isClean)
        #expect(Attempts((10, 0, .ok), (20, 10, .ok), (40, 15, .ok)).judged([1: 40]).lostTokens == [20])
    }

    @Test func `a row that is gone has lost its writes, and settles nothing`() {
        let judged = Attempts((10, 0, .ok), (20, 10, .info)).judged([:])
        #expect(judged.goneRows == [1])
        #expect(judged.lostTokens == [10])
        #expect(judged.settlement.undecided.map(\.attempt.token) == [20])
    }

    @Test func `a marker of the reader's hides nothing`() {
        var attempts = Attempts((10, 0, .ok), (20, 10, .ok))
        attempts.fence(1, 90, over: 20)
        #expect(attempts.judged([1: 90]).isClean)
        var lost = Attempts((10, 0, .ok), (20, 10, .ok))
        lost.fence(1, 90, over: 10)
        #expect(lost.judged([1: 90]).lostTokens == [20])
        // A value of nobody's is not hidden either.
        var foreign = Attempts((10, 0, .ok))
        foreign.fence(1, 90, over: 50)
        #expect(foreign.judged([1: 90]).foreign.map(\.value) == [50])
        // Written over in turn.
        lost.update(1, 100, from: 90, .ok)
        #expect(lost.judged([1: 100]).lostTokens == [20])
    }

    @Test func `what a marker was written over before the first attempt is older than the history`() {
        var attempts = Attempts()
        attempts.fence(1, 90, over: 50)
        attempts.update(1, 100, from: 90, .ok)
        #expect(attempts.judged([1: 100]).isClean)
        #expect(attempts.judged([1: 90]).lostTokens == [100])
        #expect(attempts.judged([1: 90]).foreign.isEmpty)
    }

    @Test func `rows that come, go and change their key`() {
        func mixed(_ end: Attempts.End) -> Attempts {
            var attempts = Attempts()
            func attempt(
                _ row: RowID,
                _ token: Token,
                _ previous: Token,
                _ operation: HistoryLine.Work.Operation
            ) {
                let movedTo = operation == .move ? token.rawValue : nil
                let work = HistoryLine.Work(table: "m", operation: operation, movedTo: movedTo)
                attempts.attempt(row, token, from: previous, end, work: work)
            }
            attempt(10, 10, 0, .insert)
            attempt(10, 20, 10, .move)
            attempt(20, 30, 20, .update)
            attempt(20, 40, 30, .delete)
            return attempts
        }
        func judged(_ held: [RowID: Token], _ end: Attempts.End = .ok) -> TableJudgement {
            mixed(end).judged(held, table: "m")
        }
        #expect(judged([:]).isClean)
        #expect(judged([:]).acknowledgedCount == 4)
        #expect(judged([20: 30]).lostTokens == [40])
        #expect(judged([20: 20]).lostTokens == [30, 40])
        #expect(judged([10: 10]).lostTokens == [20, 30, 40])
        #expect(judged([10: 10, 20: 20]).torn.map(\.attempt.token) == [20])
        #expect(judged([:], .fail).isClean)
    }

    @Test func `a transfer of which one row has only half is torn`() {
        var attempts = Attempts()
        let work = HistoryLine.Work(
            table: "t",
            operation: .transfer,
            other: .init(id: 2, previous: 0),
            amount: 5
        )
        attempts.attempt(1, 10, from: 0, .ok, work: work)
        #expect(attempts.judged([1: 10, 2: 10], table: "t").isClean)
        #expect(attempts.judged([1: 10, 2: 0], table: "t").torn.map(\.attempt.token) == [10])
        #expect(attempts.judged([1: 0, 2: 0], table: "t").lostTokens == [10])
    }

    @Test func `of a history whose outcomes are known nothing stays where only the open ones are wanted`() {
        let attempts = Attempts(
            (10, 0, .ok),
            (20, 10, .settledOk),
            (30, 20, .info),
            (40, 20, .fail),
            (50, 20, .none)
        )
        let journal = Journal(attempts.lines, .unsettled)
        #expect(journal.attempts == [1: journal.attempts[1] ?? []])
        #expect(journal.attempts[1]?.map(\.token) == [30, 50])
        #expect(journal.acknowledgements.joined().isEmpty)
    }

    @Test func `attempts on two rows are counted once`() {
        var attempts = Attempts((10, 0, .ok), (20, 10, .info), (30, 10, .settledFail), (40, 10, .none))
        let work = HistoryLine.Work(
            table: "t",
            operation: .transfer,
            other: .init(id: 2, previous: 0),
            amount: 5
        )
        attempts.attempt(1, 50, from: 0, .ok, work: work)
        let tables = Journal(attempts.lines, .allTables).tables
        #expect(tables.map(\.name) == ["debezium_table", "t"])
        var expected = AttemptCounts()
        (expected.ok, expected.info, expected.settledFail, expected.open) = (1, 1, 1, 1)
        #expect(tables.first?.journal.counts == expected)
        #expect(tables.last?.journal.counts.ok == 1)
    }
}
