import History
import Model
import Testing

@testable import Writer

@Suite struct LedgerTests {
    private let row = Ledger.Row(table: "debezium_table", id: 1)

    /// A ledger of attempts on row 1, each from the value before it.
    private func ledger(_ attempts: (token: Int64, previous: Int64, outcome: Outcome?)...) -> Ledger {
        var ledger = Ledger()
        for attempt in attempts {
            let name = HistoryLine.AttemptName(worker: 0, id: 1, token: Token(attempt.token))
            ledger.invoke(.init(name: name, previous: attempt.previous))
            if let outcome = attempt.outcome { ledger.end(attempt.token, outcome) }
        }
        return ledger
    }

    @Test func `a row that holds the last acknowledged write has lost nothing`() {
        let findings = ledger((10, 0, .ok), (20, 10, .fail), (30, 10, .ok)).compare(with: [row: 30])
        #expect(findings.isClean)
        #expect(findings.acknowledgedCount == 2)
    }

    @Test func `a row that went back has lost what came after`() {
        let findings = ledger((10, 0, .ok), (20, 10, .ok), (30, 20, .ok)).compare(with: [row: 10])
        #expect(findings.lost == [20, 30])
    }

    @Test func `a loss is found under the writes that came after it`() {
        // The row went back to 10 in a failover, and 40 was written over that.
        let findings = ledger((10, 0, .ok), (20, 10, .ok), (30, 20, .ok), (40, 10, .ok))
            .compare(with: [row: 40])
        #expect(findings.lost == [20, 30])
        #expect(findings.acknowledgedCount == 4)
    }

    @Test func `an attempt of unknown outcome may be there or not, one that failed may not`() {
        let open = ledger((10, 0, .ok), (20, 10, nil))
        #expect(open.compare(with: [row: 10]).isClean)
        #expect(open.compare(with: [row: 20]).isClean)
        #expect(open.compare(with: [row: 20]).recovered == [20])
        let failed = ledger((10, 0, .ok), (20, 10, .fail)).compare(with: [row: 20])
        #expect(failed.contradicted == [20])
    }

    @Test func `what was there before the history is nobody's loss, a value of nobody's is foreign`() {
        #expect(ledger((10, 7, .fail)).compare(with: [row: 7]).isClean)
        #expect(ledger((10, 7, .ok)).compare(with: [row: 7]).lost == [10])
        #expect(ledger((10, 7, .ok)).compare(with: [row: 99]).foreign == [row])
        #expect(ledger((10, 7, .ok)).compare(with: [:]).foreign == [row])
    }

    @Test func `a marker of the reader's hides nothing`() {
        var ledger = ledger((10, 0, .ok), (20, 10, .ok))
        ledger.fence(id: 1, token: -5, previous: 20)
        #expect(ledger.compare(with: [row: -5]).isClean)
        var lost = self.ledger((10, 0, .ok), (20, 10, .ok))
        lost.fence(id: 1, token: -5, previous: 10)
        #expect(lost.compare(with: [row: -5]).lost == [20])
    }

    @Test func `rows that come, go and change their key`() {
        func mixed(_ outcome: Outcome) -> Ledger {
            var ledger = Ledger()
            func invoke(
                _ token: Int64,
                id: Int64,
                previous: Int64,
                _ operation: HistoryLine.Work.Operation
            ) {
                let name = HistoryLine.AttemptName(worker: 0, id: id, token: Token(token))
                let to: Int64? = operation == .move ? token : nil
                ledger.invoke(
                    .init(
                        name: name,
                        previous: previous,
                        work: .init(table: "m", operation: operation, movedTo: to)
                    )
                )
                ledger.end(token, outcome)
            }
            invoke(10, id: 10, previous: 0, .insert)
            invoke(20, id: 10, previous: 10, .move)
            invoke(30, id: 20, previous: 20, .update)
            invoke(40, id: 20, previous: 30, .delete)
            return ledger
        }
        func row(_ id: Int64) -> Ledger.Row { .init(table: "m", id: id) }
        #expect(mixed(.ok).compare(with: [:]).isClean)
        #expect(mixed(.ok).compare(with: [row(20): 30]).lost == [40])
        #expect(mixed(.ok).compare(with: [row(20): 20]).lost == [30, 40])
        #expect(mixed(.ok).compare(with: [row(10): 10]).lost == [20, 30, 40])
        #expect(mixed(.ok).compare(with: [row(10): 10, row(20): 20]).torn == [20])
        #expect(mixed(.fail).compare(with: [:]).isClean)
    }

    @Test func `a transfer of which one row has only half is torn`() {
        var ledger = Ledger()
        let name = HistoryLine.AttemptName(worker: 0, id: 1, token: Token(10))
        ledger.invoke(
            .init(
                name: name,
                previous: 0,
                work: .init(table: "t", operation: .transfer, other: .init(id: 2, previous: 0), amount: 5)
            )
        )
        ledger.end(10, .ok)
        let (first, second) = (Ledger.Row(table: "t", id: 1), Ledger.Row(table: "t", id: 2))
        #expect(ledger.compare(with: [first: 10, second: 10]).isClean)
        #expect(ledger.compare(with: [first: 10, second: 0]).torn == [10])
        #expect(ledger.compare(with: [first: 0, second: 0]).lost == [10])
    }
}
