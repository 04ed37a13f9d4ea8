import History
import Model
import Testing

@testable import Writer

@Suite struct TokenSourceTests {
    @Test func `tokens begin after table, history and clock, whichever is largest`() {
        #expect(TokenSource.lastUsed(inTable: 5, inHistory: 7, wall: 3) == 7)
        #expect(TokenSource.lastUsed(inTable: 9, inHistory: 7, wall: 3) == 9)
        #expect(TokenSource.lastUsed(inTable: nil, inHistory: nil, wall: 3) == 3)
    }

    @Test func `no token is given out twice, whoever asks`() async {
        let source = TokenSource(after: 100)
        let tokens = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { (0..<1_000).map { _ in source.next() } } }
            return await group.reduce(into: [Token]()) { $0 += $1 }
        }
        #expect(Set(tokens).count == 8_000)
        #expect(tokens.min() == Token(101))
        #expect(tokens.max() == Token(8_100))
    }

    @Test func `the history's largest token counts attempts, fences and values that were read`() {
        let session = HistoryLine.Session(node: "n", backendProcessID: 1, timeline: Timeline(1))
        let name = HistoryLine.AttemptName(worker: 0, id: 1, token: Token(10))
        var tokens = HistoryTokens()
        #expect(tokens.largest == nil)
        tokens.look(at: HistoryLine(.end(by: "writer", run: "r")))
        #expect(tokens.largest == nil)
        tokens.look(at: HistoryLine(.invoke(.init(name: name, previous: 4), session)))
        #expect(tokens.largest == 10)
        tokens.look(at: HistoryLine(.fence(id: -1, token: Token(30), previous: 0)))
        #expect(tokens.largest == 30)
        tokens.look(at: HistoryLine(.settled(name, didHappen: false, value: 40, session)))
        #expect(tokens.largest == 40)
        tokens.look(at: HistoryLine(.observed(worker: 0, id: 1, value: 50, expected: 4, session)))
        #expect(tokens.largest == 50)
        tokens.look(at: HistoryLine(.observed(worker: 0, id: 1, value: nil, expected: 4, session)))
        #expect(tokens.largest == 50)
    }
}
