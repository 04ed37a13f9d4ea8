import Model
import Slots
import Testing

@testable import Guard

private let f = LSN(rawValue: 0x1000)

private func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

/// A leader on timeline 2 that forked at 0x1000, with timeline 1 cleared and the last task ended.
private func situation(
    offset: UInt64? = 0x900,
    slot: GuardSituation.Slot = .at(confirmed: lsn(0x800), isStreaming: false),
    change: (inout GuardSituation) -> Void = { _ in }
) -> GuardSituation {
    var now = GuardSituation(
        timeline: Timeline(2),
        forks: [Timeline(1): f],
        cleared: Timeline(1),
        offset: offset.map { LSN(rawValue: $0) },
        isOffsetFinal: true,
        slot: slot,
        decoding: .warm(lsn(0x100))
    )
    change(&now)
    return now
}

private enum Kind: Equatable {
    case keep, wait, settle, prove, clear, rewind, gap, skip
}

private func kind(_ decision: GuardDecision) -> Kind {
    switch decision {
    case .keep: .keep
    case .wait: .wait
    case .settle: .settle
    case .prove: .prove
    case .clear: .clear
    case .rewind: .rewind
    case .gap: .gap
    case .skip: .skip
    }
}

struct GuardDecisionTests {
    @Test func `an offset at or before the fork is cleared, one after it goes back to it`() {
        #expect(kind(GuardDecision(situation(offset: 0x900))) == .clear)
        #expect(kind(GuardDecision(situation(offset: 0x1000))) == .clear)
        #expect(GuardDecision(situation(offset: 0x1001)) == .rewind(from: lsn(0x1001), to: f))
    }

    @Test func `nothing is decided before the last task has ended`() {
        #expect(GuardDecision(situation { $0.isOffsetFinal = false }) == .settle)
        #expect(GuardDecision(situation(offset: nil) { $0.isOffsetFinal = false }) == .settle)
    }

    @Test func `a cleared timeline is kept, whatever the offset is`() {
        #expect(GuardDecision(situation(offset: 0x2000) { $0.cleared = Timeline(2) }) == .keep)
    }

    @Test func `an unknown end of a timeline, or an older leader, makes it wait`() {
        #expect(kind(GuardDecision(situation { $0.forks = [:] })) == .wait)
        #expect(kind(GuardDecision(situation { $0.cleared = Timeline(5) })) == .wait)
        let later = situation {
            $0.timeline = Timeline(4)
            $0.forks = [Timeline(1): f, Timeline(3): lsn(0x2000)]
        }
        #expect(kind(GuardDecision(later)) == .wait)
    }

    @Test func `another branch of the same number is left where the two have parted`() {
        let now = situation(offset: 0x1800) { $0.bound = lsn(0x700) }
        #expect(kind(GuardDecision(now)) == .gap)
        var kept = now
        kept.slot = .at(confirmed: lsn(0x600), isStreaming: false)
        #expect(GuardDecision(kept) == .rewind(from: lsn(0x1800), to: lsn(0x700)))
        kept.bound = lsn(0x1400)
        #expect(GuardDecision(kept) == .rewind(from: lsn(0x1800), to: f))
    }

    @Test func `after several changes the earliest fork since the cleared timeline counts`() {
        let forks = [Timeline(1): lsn(0x10), Timeline(2): f, Timeline(3): lsn(0x2000)]
        let now = situation(offset: 0x1800) {
            $0.timeline = Timeline(4)
            $0.cleared = Timeline(2)
            $0.forks = forks
        }
        #expect(GuardDecision(now) == .rewind(from: lsn(0x1800), to: f))
        var before = now
        before.offset = lsn(0xF00)
        #expect(kind(GuardDecision(before)) == .clear)
    }

    @Test func `a missing, invalid or late slot is a gap, and an accepted one is skipped`() {
        let late = GuardSituation.Slot.at(confirmed: lsn(0x1500), isStreaming: false)
        for slot in [GuardSituation.Slot.missing, .invalid, late] {
            for offset in [UInt64(0x900), 0x1200] {
                #expect(kind(GuardDecision(situation(offset: offset, slot: slot))) == .gap)
                let accepted = situation(offset: offset, slot: slot) { $0.isGapAccepted = true }
                #expect(kind(GuardDecision(accepted)) == .skip)
            }
        }
    }

    @Test func `a gap begins where the stream has the leader's history up to`() throws {
        let late = GuardSituation.Slot.at(confirmed: lsn(0x1500), isStreaming: false)
        guard case .gap(let gap) = GuardDecision(situation(offset: 0x1200, slot: late)),
            case .gap(let before) = GuardDecision(situation(offset: 0x900, slot: .missing))
        else {
            Issue.record("no gap")
            return
        }
        #expect(gap.from == f && gap.to == lsn(0x1500))
        #expect(before.from == lsn(0x900) && before.to == nil)
    }

    @Test func `a slot ahead of the offset but not of the fork is older than the failover`() {
        let slot = GuardSituation.Slot.at(confirmed: lsn(0xA00), isStreaming: false)
        #expect(kind(GuardDecision(situation(offset: 0x900, slot: slot))) == .clear)
    }

    @Test func `without an offset there is nothing to skip`() {
        #expect(kind(GuardDecision(situation(offset: nil, slot: .missing))) == .clear)
    }

    @Test func `a guard that knows nothing adopts a running stream`() {
        let now = situation(offset: 0x5000, slot: .at(confirmed: lsn(0x4000), isStreaming: true)) {
            ($0.cleared, $0.isOffsetFinal) = (nil, false)
        }
        #expect(kind(GuardDecision(now)) == .clear)
    }

    @Test func `a guard that knows nothing goes back to the first fork after the slot's position`() {
        let now = situation(offset: 0x3000, slot: .at(confirmed: lsn(0x800), isStreaming: false)) {
            $0.cleared = nil
            $0.timeline = Timeline(4)
            $0.forks = [Timeline(1): lsn(0x700), Timeline(2): f, Timeline(3): lsn(0x2000)]
        }
        #expect(GuardDecision(now) == .rewind(from: lsn(0x3000), to: f))
        var passed = now
        passed.slot = .at(confirmed: lsn(0x2800), isStreaming: false)
        #expect(kind(GuardDecision(passed)) == .clear)
    }

    @Test func `the first timeline of a cluster has no fork`() {
        let now = situation(offset: 0x3000) {
            ($0.timeline, $0.forks, $0.cleared) = (Timeline(1), [:], nil)
        }
        #expect(kind(GuardDecision(now)) == .clear)
    }
}
