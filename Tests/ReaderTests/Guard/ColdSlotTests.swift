import Model
import Testing

@testable import Guard
@testable import Slots

private func lsn(_ value: UInt64) -> LSN { LSN(rawValue: value) }

/// A slot whose promotion has to be proven: what was found out, and what becomes of it.
struct ColdSlotCase: Sendable, CustomTestStringConvertible {
    var name: String
    var offset: UInt64
    var confirmed: UInt64 = 0x800
    var decoding: DecodingStart?
    var isAccepted = false
    var expected: GuardDecision

    var testDescription: String { name }

    static let all: [ColdSlotCase] = [
        .init(name: "nobody has looked", offset: 0x900, expected: .prove(at: lsn(0x900))),
        .init(
            name: "nobody has looked, and the offset will go back",
            offset: 0x1200,
            expected: .prove(at: lsn(0x1000))
        ),
        .init(
            name: "the slot is ahead of the offset",
            offset: 0x900,
            confirmed: 0xA00,
            expected: .prove(at: lsn(0xA00))
        ),
        .init(
            name: "warm",
            offset: 0x900,
            decoding: .warm(lsn(0x700)),
            expected: .clear("the stored offset 0/900 is at or before the fork 0/1000")
        ),
        .init(
            name: "warm, and the offset goes back",
            offset: 0x1200,
            decoding: .warm(lsn(0x700)),
            expected: .rewind(from: lsn(0x1200), to: lsn(0x1000))
        ),
        .init(name: "cold", offset: 0x900, decoding: .cold, expected: gap(0x900, .cold)),
        .init(name: "cold after a fork", offset: 0x1200, decoding: .cold, expected: gap(0x1000, .cold)),
        .init(
            name: "complete only by another slot's snapshot",
            offset: 0x900,
            decoding: .partial(lsn(0x850)),
            expected: gap(0x900, .partial(lsn(0x850)))
        ),
        .init(
            name: "not to be known",
            offset: 0x900,
            decoding: .unknown("no right"),
            expected: gap(0x900, .unknown("no right"))
        ),
        .init(
            name: "cold, and accepted: the slot is made anew",
            offset: 0x900,
            decoding: .cold,
            isAccepted: true,
            expected: skip(gap(0x900, .cold))
        ),
        .init(
            name: "after what was captured, and accepted: where it begins must be complete too",
            offset: 0x1200,
            confirmed: 0x1500,
            isAccepted: true,
            expected: .prove(at: lsn(0x1500))
        ),
        .init(
            name: "after what was captured, cold, and accepted",
            offset: 0x1200,
            confirmed: 0x1500,
            decoding: .cold,
            isAccepted: true,
            expected: skip(gap(0x1000, .cold))
        ),
    ]

    private static func gap(_ from: UInt64, _ found: DecodingStart) -> GuardDecision {
        .gap(.init(from: lsn(from), to: nil, reason: found.objection ?? "", isSlotUnfit: true))
    }

    private static func skip(_ decision: GuardDecision) -> GuardDecision {
        guard case .gap(let gap) = decision else { return decision }
        return .skip(gap)
    }
}

struct ColdSlotTests {
    @Test(arguments: ColdSlotCase.all)
    func `no timeline is cleared before its slot is known to be complete`(_ each: ColdSlotCase) {
        let now = GuardSituation(
            timeline: Timeline(2),
            forks: [Timeline(1): lsn(0x1000)],
            cleared: Timeline(1),
            offset: lsn(each.offset),
            isOffsetFinal: true,
            slot: .at(confirmed: lsn(each.confirmed), isStreaming: false),
            decoding: each.decoding,
            isGapAccepted: each.isAccepted
        )
        #expect(GuardDecision(now) == each.expected)
    }

    @Test func `a connector that begins with a snapshot is kept from a slot that would skip changes`() {
        func decide(
            _ decoding: DecodingStart?,
            timeline: UInt32 = 2,
            isAccepted: Bool = false
        ) -> GuardDecision {
            GuardDecision(
                GuardSituation(
                    timeline: Timeline(timeline),
                    forks: [Timeline(1): lsn(0x1000)],
                    cleared: nil,
                    offset: nil,
                    isOffsetFinal: true,
                    slot: .at(confirmed: lsn(0x800), isStreaming: false),
                    decoding: decoding,
                    isGapAccepted: isAccepted
                )
            )
        }
        let cleared = GuardDecision.clear("the connector has stored no offset yet: it begins with a snapshot")
        #expect(decide(nil) == .prove(at: lsn(0x800)))
        #expect(decide(.warm(lsn(0x700))) == cleared)
        guard case .wait(let reason) = decide(.cold) else {
            Issue.record("a cold slot is not waited for")
            return
        }
        #expect(reason.contains("drop the slot"))
        #expect(decide(.cold, isAccepted: true) == cleared)
        // Made on this server, which was never promoted.
        #expect(decide(nil, timeline: 1) == cleared)
    }

    @Test func `without a slot there is nothing to look at`() {
        for slot in [GuardSituation.Slot.missing, .invalid] {
            let now = GuardSituation(
                timeline: Timeline(2),
                forks: [Timeline(1): lsn(0x1000)],
                cleared: Timeline(1),
                offset: lsn(0x900),
                isOffsetFinal: true,
                slot: slot
            )
            guard case .gap = GuardDecision(now) else {
                Issue.record("\(slot) is no gap")
                continue
            }
        }
    }
}
