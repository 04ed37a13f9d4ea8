import Shared
import Testing

@testable import Writer

@Suite struct SettlementTests {
    static let info = Doubt(token: Token(70), timeline: Timeline(1))
    static let mismatch = Doubt(token: nil, timeline: Timeline(1))

    @Test func `the attempt's own token in the row says that it happened`() {
        let settlement = Settlement(of: Self.info, expected: 50, found: 70)
        #expect(settlement.didHappen == true)
        #expect(!settlement.isSurprise)
    }

    @Test func `the last acknowledged value in the row says that it did not happen`() {
        let settlement = Settlement(of: Self.info, expected: 50, found: 50)
        #expect(settlement.didHappen == false)
        #expect(!settlement.isSurprise)
    }

    @Test(arguments: [40, 60, 80, nil] as [Int64?])
    func `any other value, and a row that is gone, is a surprise`(_ found: Int64?) {
        let settlement = Settlement(of: Self.info, expected: 50, found: found)
        #expect(settlement.didHappen == false)
        #expect(settlement.isSurprise)
    }

    @Test func `a mismatch settles no attempt`() {
        #expect(Settlement(of: Self.mismatch, expected: 50, found: 40).didHappen == nil)
        #expect(Settlement(of: Self.mismatch, expected: 50, found: 40).isSurprise)
        #expect(!Settlement(of: Self.mismatch, expected: 50, found: 50).isSurprise)
    }
}
