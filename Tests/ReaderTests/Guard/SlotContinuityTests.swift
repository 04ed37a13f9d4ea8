import Model
import Testing

@testable import Guard

private func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

private func idle(_ confirmed: UInt64) -> GuardSituation.Slot {
    .at(confirmed: lsn(confirmed), isStreaming: false)
}

private let streaming = GuardSituation.Slot.at(confirmed: lsn(0x100), isStreaming: true)

struct SlotContinuityTests {
    /// A slot that was read until the log ended at 0x200, and then rested at 0x180.
    private func rested() -> SlotContinuity {
        var continuity = SlotContinuity()
        continuity.streams(lsn(0x200))
        continuity.compare(idle(0x180), offset: lsn(0x190), lsn(0x210))
        return continuity
    }

    @Test func `a guard that has just begun lets only a running stream through`() {
        let continuity = SlotContinuity()
        #expect(continuity.allows(streaming))
        #expect(!continuity.allows(idle(0x100)) && !continuity.allows(.missing))
        #expect(continuity.wantsOffset(for: idle(0x100)) && !continuity.wantsOffset(for: streaming))
    }

    @Test func `a slot that rests is compared once`() {
        let continuity = rested()
        #expect(continuity.allows(idle(0x180)) && continuity.gap == nil)
        #expect(!continuity.wantsOffset(for: idle(0x180)))
        #expect(continuity.wantsOffset(for: idle(0x181)))
    }

    @Test func `a slot that was made anew on one timeline is a gap`() {
        var continuity = rested()
        continuity.compare(idle(0x300), offset: lsn(0x190), lsn(0x310))
        #expect(continuity.gap?.from == lsn(0x190) && continuity.gap?.to == lsn(0x300))
        #expect(!continuity.allows(idle(0x300)) && !continuity.allows(streaming))
        continuity.streams(lsn(0x400))
        #expect(continuity.gap != nil)
        continuity.cleared(lsn(0x400))
        #expect(continuity.gap == nil && continuity.allows(idle(0x300)))
    }

    @Test func `a slot that was made anew between two looks is a gap`() {
        var continuity = SlotContinuity()
        continuity.streams(lsn(0x200))
        continuity.compare(idle(0x300), offset: lsn(0x190), lsn(0x310))
        #expect(continuity.gap != nil)
    }

    @Test func `a slot that is missing, or has lost its log, is a gap once something was captured`() {
        for slot in [GuardSituation.Slot.missing, .invalid] {
            var continuity = rested()
            continuity.compare(slot, offset: lsn(0x190), lsn(0x310))
            #expect(continuity.gap?.from == lsn(0x190) && continuity.gap?.to == nil)
            var new = SlotContinuity()
            new.compare(slot, offset: nil, lsn(0x310))
            #expect(new.gap == nil && new.allows(slot))
        }
    }

    @Test func `a driver that confirms log without changes moves the slot beyond the offset`() {
        var continuity = SlotContinuity()
        continuity.streams(lsn(0x200))
        continuity.compare(idle(0x1F0), offset: lsn(0x190), lsn(0x210))
        #expect(continuity.gap == nil)
        var new = SlotContinuity()
        new.compare(idle(0x1F0), offset: lsn(0x190), lsn(0x210))
        #expect(new.gap == nil && new.allows(idle(0x1F0)))
    }

    @Test func `without a connector one can be registered`() {
        var continuity = SlotContinuity()
        continuity.hasNoConnector()
        #expect(continuity.allows(.missing))
        var broken = rested()
        broken.compare(.missing, offset: lsn(0x190), lsn(0x310))
        broken.hasNoConnector()
        #expect(broken.gap != nil)
    }
}
