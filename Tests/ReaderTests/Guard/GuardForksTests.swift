import Model
import Testing

@testable import Guard

private func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

/// A leader on timeline 4 whose history forked at 0x700, 0x1000 and 0x2000.
private func situation(
    cleared: UInt32?,
    offset: UInt64? = 0x3000,
    slot: GuardSituation.Slot = .at(confirmed: lsn(0x2800), isStreaming: false),
    bound: UInt64? = nil
) -> GuardSituation {
    GuardSituation(
        timeline: Timeline(4),
        forks: [Timeline(1): lsn(0x700), Timeline(2): lsn(0x1000), Timeline(3): lsn(0x2000)],
        cleared: cleared.map { Timeline($0) },
        offset: offset.map { LSN(rawValue: $0) },
        isOffsetFinal: true,
        slot: slot,
        bound: bound.map { LSN(rawValue: $0) }
    )
}

struct GuardForksTests {
    @Test func `adopting a running stream repairs nothing, and names the forks that nobody watched`() throws {
        let streaming = GuardSituation.Slot.at(confirmed: lsn(0x2800), isStreaming: true)
        let now = situation(cleared: nil, slot: streaming)
        #expect(now.phantoms == nil)
        #expect(now.unjudged.map(\.timeline) == [Timeline(3), Timeline(2), Timeline(1)])
        let text = try #require(now.unjudgedText)
        #expect(text.contains("timeline 3 ended at 0/2000"))
        #expect(text.contains("POST /repair/"))
        guard case .clear = GuardDecision(now) else {
            Issue.record("not adopted")
            return
        }
    }

    @Test func `a guard that lost its table repairs nothing after a fork that the stream has passed`() {
        let now = situation(cleared: nil)
        #expect(now.phantoms == nil)
        #expect(now.unjudged.count == 3)
        #expect(situation(cleared: nil, slot: .missing).phantoms == nil)
    }

    /// Slot, offset, the fork after which is looked, the forks that are only named.
    @Test(
        arguments: [
            (0x800, 0x1800, 0x1000, [1]), (0x600, 0x3000, 0x700, []), (0xF00, 0xF80, 0x1000, [1]),
            (0x1800, 0x2000, 0x2000, [2, 1]), (0x1800, 0x1F00, 0x2000, [2, 1]),
        ] as [(UInt64, UInt64, UInt64, [UInt32])]
    )
    func `without knowledge only forks count that slot or offset have not passed`(
        confirmed: UInt64,
        offset: UInt64,
        from: UInt64,
        named: [UInt32]
    ) {
        let slot = GuardSituation.Slot.at(confirmed: lsn(confirmed), isStreaming: false)
        let now = situation(cleared: nil, offset: offset, slot: slot)
        #expect(now.phantoms == lsn(from))
        #expect(now.unjudged.map(\.timeline.rawValue) == named)
    }

    @Test func `with a cleared timeline every fork since counts, and none is left unjudged`() {
        #expect(situation(cleared: 3).phantoms == lsn(0x2000))
        #expect(situation(cleared: 2).phantoms == lsn(0x1000))
        #expect(situation(cleared: 2, bound: 0xE00).phantoms == lsn(0xE00))
        #expect(situation(cleared: 2).unjudgedText == nil)
    }

    @Test func `a connector without an offset has passed no fork`() {
        let now = situation(cleared: nil, offset: nil)
        #expect(now.phantoms == nil && now.unjudgedText == nil)
    }

    @Test func `many forks are counted, the last ones named`() throws {
        var now = situation(cleared: nil)
        now.timeline = Timeline(50)
        for number in 4..<50 { now.forks[Timeline(UInt32(number))] = lsn(0x2000 + UInt64(number)) }
        let text = try #require(now.unjudgedText)
        #expect(text.contains("timeline 49 ended") && text.contains("and 46 before"))
    }
}

struct SlotAfterStopTests {
    private static let ready = GuardSituation.Slot.at(confirmed: lsn(0x1000), isStreaming: false)

    @Test func `a slot at or before the place, which nobody reads, lets the offset go back`() {
        #expect(SlotAfterStop(Self.ready, reader: nil, target: lsn(0x1000)) == .ready)
        #expect(SlotAfterStop(Self.ready, reader: nil, target: lsn(0x1001)) == .ready)
    }

    @Test func `one that something reads past the gate does not, whatever reads it`() {
        #expect(SlotAfterStop(Self.ready, reader: 77, target: lsn(0x1000)) == .isRead(by: 77))
        let streaming = GuardSituation.Slot.at(confirmed: lsn(0x800), isStreaming: true)
        #expect(SlotAfterStop(streaming, reader: 77, target: lsn(0x1000)) == .isRead(by: 77))
    }

    @Test func `one that went beyond the place or is lost is decided on anew`() {
        for reader in [nil, Int32(77)] {
            #expect(SlotAfterStop(Self.ready, reader: reader, target: lsn(0xFFF)) == .changed)
            #expect(SlotAfterStop(.missing, reader: reader, target: lsn(0x1000)) == .changed)
            #expect(SlotAfterStop(.invalid, reader: reader, target: lsn(0x1000)) == .changed)
        }
    }

    @Test func `what was read after the fork meanwhile is a gap then`() {
        let now = GuardSituation(
            timeline: Timeline(2),
            forks: [Timeline(1): lsn(0x1000)],
            cleared: Timeline(1),
            offset: lsn(0x1800),
            isOffsetFinal: true,
            slot: .at(confirmed: lsn(0x1200), isStreaming: false)
        )
        #expect(
            GuardDecision(now)
                == .gap(
                    .init(
                        from: lsn(0x1000),
                        to: lsn(0x1200),
                        reason: "the slot begins after the end of what was captured"
                    )
                )
        )
    }
}
