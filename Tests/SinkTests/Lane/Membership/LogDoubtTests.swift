import Testing

@testable import Sink

struct LogDoubtTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func `a lane at work has no doubt`() {
        var doubt = LogDoubt()
        for time in 0..<10 { doubt.turn(at: UInt64(time) * Self.second) }
        let isAsked = doubt.take(at: 11 * Self.second)
        #expect(!isAsked)
    }

    @Test func `a lane that was away asks once, wherever in its turn it slept`() {
        for sleepsBetweenTurns in [true, false] {
            var doubt = LogDoubt()
            doubt.turn(at: Self.second)
            if sleepsBetweenTurns { doubt.turn(at: 5 * Self.second) }
            let answers = [doubt.take(at: 5 * Self.second), doubt.take(at: 6 * Self.second)]
            #expect(answers == [true, false])
        }
    }

    @Test func `a lane that was paused asks, however short the pause was`() {
        var doubt = LogDoubt()
        doubt.turn(at: Self.second)
        doubt.resumed()
        let isAsked = doubt.take(at: Self.second)
        #expect(isAsked)
    }
}
