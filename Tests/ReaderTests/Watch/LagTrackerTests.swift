import Histogram
import Testing

@testable import Watch

@Suite("End-to-end lag") struct LagTrackerTests {
    private static let millisecond: UInt64 = 1_000_000

    private func tracker() -> LagTracker { LagTracker(start: 0) }

    private func write(_ token: Int64, at time: UInt64) -> Acknowledgement {
        Acknowledgement(id: 1, token: token, time: time * Self.millisecond)
    }

    @Test func `a token is visible when the row shows it or a later one`() {
        var lag = tracker()
        for (token, time) in [(Int64(11), UInt64(10)), (12, 20), (13, 30)] {
            lag.take(write(token, at: time))
        }
        let first = lag.see([1: 10], at: 40 * Self.millisecond)
        let second = lag.see([1: 12], at: 50 * Self.millisecond)
        #expect([first, second] == [false, true])
        let interval = lag.takeInterval()
        #expect(interval.count == 2)
        #expect(interval.maximum / 1_000 == 40)
        #expect(lag.pendingCount == 1)
        let next = lag.takeInterval()
        #expect(next.isEmpty)
    }

    @Test func `a pipeline that stands still has a growing age`() {
        var lag = tracker()
        lag.take(write(11, at: 10))
        lag.see([1: 5], at: 20 * Self.millisecond)
        #expect(lag.oldestAge(at: 1_010 * Self.millisecond) == 1_000_000)
        #expect(lag.oldestAge(at: 9_010 * Self.millisecond) == 9_000_000)
        lag.see([1: 11], at: 9_010 * Self.millisecond)
        #expect(lag.oldestAge(at: 9_020 * Self.millisecond) == nil)
    }

    @Test func `what was visible before watching began is not counted`() {
        var lag = LagTracker(start: 500 * Self.millisecond)
        for (token, time) in [(Int64(11), UInt64(10)), (12, 20)] { lag.take(write(token, at: time)) }
        lag.see([1: 11], at: 600 * Self.millisecond)
        #expect(lag.total.isEmpty)
        // This one waited already, and its lag is known.
        lag.see([1: 12], at: 700 * Self.millisecond)
        #expect(lag.total.count == 1)
    }

    @Test func `a write that is visible before its acknowledgement has no lag`() {
        var lag = tracker()
        lag.take(write(11, at: 10))
        lag.see([1: 11], at: 9 * Self.millisecond)
        #expect(lag.total.maximum == 0)
        #expect(lag.total.count == 1)
    }

    @Test func `open tokens beyond the limit are joined and none is lost`() {
        var lag = tracker()
        for token in Int64(1)...1_000 { lag.take(write(token, at: UInt64(token))) }
        #expect(lag.pendingCount == 1_000)
        lag.see([1: 1_000], at: 2_000 * Self.millisecond)
        #expect(lag.total.count == 1_000)
        #expect(lag.pendingCount == 0)
    }
}

@Suite("Divergence under load") struct DivergenceTests {
    private static let second: UInt64 = 1_000_000_000
    private static let wholeTable = TablePart.range(above: .min, through: nil)

    @Test func `a difference counts only when it outlives the grace`() {
        var rows = DivergenceTracker()
        let source: [Int64: Int64] = [1: 10, 2: 20, 3: 30]
        let destination: [Int64: Int64] = [1: 9, 2: 21, 4: 40]
        rows.compare(
            Self.wholeTable,
            source: source,
            destination: destination,
            at: Self.second
        )
        #expect(rows.counts(grace: 2 * Self.second).maybe == 4)
        rows.compare(
            Self.wholeTable,
            source: source,
            destination: destination,
            at: 3 * Self.second
        )
        let (divergent, maybe) = rows.counts(grace: 2 * Self.second)
        #expect(divergent == [.behind: 1, .ahead: 1, .missing: 1, .extra: 1])
        #expect(maybe == 0)
    }

    @Test func `a row that moves on is never divergent`() {
        var rows = DivergenceTracker()
        for round in UInt64(1)...10 {
            let value = Int64(round) * 10
            rows.compare(
                Self.wholeTable,
                source: [1: value],
                destination: [1: value - 10],
                at: round * Self.second
            )
        }
        #expect(rows.counts(grace: 2 * Self.second).divergent.isEmpty)
        #expect(rows.counts(grace: 2 * Self.second).maybe == 1)
    }

    @Test func `a row that stands still under a moving source is behind`() {
        var rows = DivergenceTracker()
        for round in UInt64(1)...4 {
            rows.compare(
                Self.wholeTable,
                source: [1: Int64(round) * 10],
                destination: [1: 5],
                at: round * Self.second
            )
        }
        #expect(rows.counts(grace: 2 * Self.second).divergent == [.behind: 1])
    }

    @Test func `a row that went back is remembered until it is there again`() {
        var rows = RewindTracker()
        rows.see([1: 10, 2: 10])
        rows.see([1: 9, 2: 11])
        #expect(rows.rewoundRows == [1])
        rows.see([1: 9])
        #expect(rows.rewoundRows == [1])
        rows.see([1: 10])
        #expect(rows.rewoundRows.isEmpty)
    }
}
