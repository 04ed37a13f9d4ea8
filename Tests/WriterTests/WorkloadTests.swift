import History
import Model
import Postgres
import Testing

@testable import Writer

@Suite struct WorkloadTests {
    let rows = [Row(id: 5, value: 50), Row(id: 6, value: 60), Row(id: -1, value: nil)]

    private func plan(_ shape: Shape, _ workload: Workload) -> AttemptPlan {
        AttemptPlan(shape, of: workload, rows: rows, worker: 1, token: Token(900), bodySize: 100)
    }

    @Test func `an update stays as the first version of the history has it`() {
        let plan = plan(Shape(operation: .update, place: 0), .update)
        #expect(plan.attempt.work == nil)
        #expect(plan.attempt.changes == [.init(id: 5, before: 50, after: 900)])
        #expect(plan.statements.map(\.name) == ["update"])
    }

    @Test func `new keys are tokens, so that no key comes back`() {
        let insert = plan(Shape(operation: .insert, place: 2), .mixed)
        #expect(insert.attempt.changes == [.init(id: 900, before: nil, after: 900)])
        let move = plan(Shape(operation: .move, place: 0), .mixed)
        #expect(
            move.attempt.changes == [
                .init(id: 5, before: 50, after: nil), .init(id: 900, before: nil, after: 900),
            ]
        )
    }

    @Test func `a transfer and an event are more statements of one attempt`() {
        let transfer = plan(Shape(operation: .transfer, place: 0, other: 1, amount: 7), .transfer)
        #expect(transfer.statements.map(\.name) == ["transfer", "transfer"])
        #expect(transfer.attempt.changes.map(\.id) == [5, 6])
        #expect(transfer.attempt.work?.amount == 7)
        let outbox = plan(Shape(operation: .outbox, place: 0), .outbox)
        #expect(outbox.statements.map(\.name) == ["update", "event"])
        #expect(outbox.attempt.table == HistoryLine.defaultTable)
        #expect(plan(Shape(operation: .wide, place: 0), .wide).attempt.work?.size == 100)
    }

    @Test(arguments: Workload.allCases)
    func `each statement of an attempt is one that the session prepares, with as many parameters`(
        _ workload: Workload
    ) {
        var generator = SeededGenerator(seed: 1, stream: 0)
        let prepared = Dictionary(uniqueKeysWithValues: workload.statements.map { ($0.name, $0) })
        for _ in 0..<200 {
            let place = Int.random(in: 0..<(workload == .mixed ? 3 : 2), using: &generator)
            let shape = workload.shape(at: place, other: 1 - place, row: rows[place], using: &generator)
            for statement in plan(shape, workload).statements {
                #expect(statement.parameters.count == prepared[statement.name]?.types.count)
            }
        }
    }

    @Test func `what an attempt leaves is what the worker goes on from`() {
        var rows = rows
        AttemptPlan.apply(Shape(operation: .delete, place: 0), token: Token(901), to: &rows)
        AttemptPlan.apply(Shape(operation: .insert, place: 2), token: Token(902), to: &rows)
        AttemptPlan.apply(Shape(operation: .move, place: 1), token: Token(903), to: &rows)
        #expect(rows == [Row(id: 5, value: nil), Row(id: 903, value: 903), Row(id: 902, value: 902)])
        AttemptPlan.apply(Shape(operation: .transfer, place: 1, other: 2), token: Token(904), to: &rows)
        #expect(rows.map(\.value) == [nil, 904, 904])
    }

    @Test func `mixed inserts where there is no row, and else does all the rest`() {
        var generator = SeededGenerator(seed: 1, stream: 0)
        let empty = Workload.mixed.shape(at: 2, other: nil, row: rows[2], using: &generator)
        #expect(empty.operation == .insert)
        let kinds = (0..<200).map { _ in
            Workload.mixed.shape(at: 0, other: nil, row: rows[0], using: &generator).operation
        }
        #expect(Set(kinds) == [.update, .delete, .move])
    }

    @Test func `the key of an event is a uuid that tells the token`() {
        #expect(AttemptPlan.outboxKey(of: 255) == "00000000-0000-0000-0000-0000000000ff")
        #expect(AttemptPlan.outboxKey(of: .max) == "00000000-0000-0000-7fff-ffffffffffff")
    }
}
