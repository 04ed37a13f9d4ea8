import Testing

@testable import Sink

struct TableOrderTests {
    private func order(_ count: Int, _ references: [(child: Int, parent: Int)]) -> [Int] {
        let references = Set(references.map { TableOrder.Reference(child: $0.child, parent: $0.parent) })
        return TableOrder(count: count, references: references, deletesEarly: []).parentsFirst
    }

    @Test func `parents come before their children, whatever came in first`() {
        #expect(order(3, [(0, 1), (1, 2)]) == [2, 1, 0])
        #expect(order(4, [(0, 3), (1, 3), (2, 0)]) == [3, 0, 1, 2])
    }

    @Test func `tables that know nothing of each other stay as they came`() {
        #expect(order(3, []) == [0, 1, 2])
        #expect(order(0, []) == [])
    }

    @Test func `a cycle and a table that refers to itself still have an order`() {
        #expect(order(2, [(0, 1), (1, 0)]) == [1, 0])
        #expect(order(2, [(0, 0), (1, 0)]) == [0, 1])
    }
}
