import History
import Model
import Testing

@testable import Writer

@Suite struct SettlementTests {
    static let session = HistoryLine.Session(node: "a:1", backendProcessID: 9, timeline: Timeline(1))

    /// A doubt about the attempt to move row 3 from 50 on with token 70.
    static func doubt(
        _ operation: HistoryLine.Work.Operation = .update,
        isOpen: Bool = true,
        id: Int64 = 3,
        other: HistoryLine.OtherRow? = nil
    ) -> Doubt {
        let work = HistoryLine.Work(
            table: "t",
            operation: operation,
            movedTo: operation == .move ? 70 : nil,
            other: other
        )
        let name = HistoryLine.AttemptName(worker: 0, id: id, token: Token(70))
        return Doubt(
            attempt: .init(name: name, previous: 50, work: work),
            shape: Shape(operation: operation, place: 0),
            isOpen: isOpen,
            session: session
        )
    }

    @Test func `the attempt's own token in the row says that it happened`() {
        #expect(Settlement(of: Self.doubt(), found: [3: 70]) == .init(didHappen: true, surprises: []))
    }

    @Test func `the last acknowledged value in the row says that it did not happen`() {
        #expect(Settlement(of: Self.doubt(), found: [3: 50]) == .init(didHappen: false, surprises: []))
    }

    @Test(arguments: [40, 60, 80, nil] as [Int64?])
    func `any other value, and a row that is gone, is a surprise`(_ found: Int64?) {
        let settlement = Settlement(of: Self.doubt(), found: found.map { [3: $0] } ?? [:])
        #expect(settlement.didHappen == false)
        #expect(settlement.surprises == [.init(id: 3, found: found, expected: 50)])
    }

    @Test func `a mismatch settles no attempt`() {
        let doubt = Self.doubt(isOpen: false)
        #expect(Settlement(of: doubt, found: [3: 40]).didHappen == nil)
        #expect(Settlement(of: doubt, found: [3: 40]).surprises == [.init(id: 3, found: 40, expected: 50)])
        #expect(Settlement(of: doubt, found: [3: 50]).surprises.isEmpty)
    }

    @Test func `an insert happened if its row is there`() {
        let doubt = Self.doubt(.insert, id: 70)
        #expect(Settlement(of: doubt, found: [70: 70]) == .init(didHappen: true, surprises: []))
        #expect(Settlement(of: doubt, found: [:]) == .init(didHappen: false, surprises: []))
    }

    @Test func `a delete happened if its row is gone`() {
        #expect(Settlement(of: Self.doubt(.delete), found: [:]) == .init(didHappen: true, surprises: []))
        #expect(Settlement(of: Self.doubt(.delete), found: [3: 50]) == .init(didHappen: false, surprises: []))
    }

    @Test func `a change of the key happened if the new row is there`() {
        #expect(Settlement(of: Self.doubt(.move), found: [70: 70]) == .init(didHappen: true, surprises: []))
        #expect(Settlement(of: Self.doubt(.move), found: [3: 50]) == .init(didHappen: false, surprises: []))
        #expect(Settlement(of: Self.doubt(.move), found: [3: 50, 70: 70]).surprises.map(\.id) == [3])
    }

    @Test func `of a transfer either row tells, and the other one must agree`() {
        let doubt = Self.doubt(.transfer, other: .init(id: 4, previous: 60))
        #expect(Settlement(of: doubt, found: [3: 70, 4: 70]) == .init(didHappen: true, surprises: []))
        #expect(Settlement(of: doubt, found: [3: 50, 4: 60]) == .init(didHappen: false, surprises: []))
        let half = Settlement(of: doubt, found: [3: 70, 4: 60])
        #expect(half.didHappen == true)
        #expect(half.surprises == [.init(id: 4, found: 60, expected: 70)])
    }
}
