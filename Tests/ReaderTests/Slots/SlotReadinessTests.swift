import Model
import Testing

@testable import Slots

private typealias Slot = SlotReadiness.Facts.Slot

private func place(_ isSnapshotThere: Bool?) -> SlotPlace {
    SlotPlace(
        restart: LSN(rawValue: 0x100),
        confirmed: LSN(rawValue: 0x200),
        isSnapshotThere: isSnapshotThere
    )
}

private func judge(_ slot: Slot?, version: Int = 150_018, isFailover: Bool = false) -> SlotReadiness {
    SlotReadiness(
        .init(version: version, isStandby: true, slot: slot),
        slot: "s",
        isFailover: isFailover
    )
}

struct SlotReadinessTests {
    @Test func `a copied slot is ready with a snapshot of where decoding begins`() {
        #expect(judge(Slot(place: place(true))).isReady)
        for slot in [Slot(place: place(false)), Slot(place: place(nil)), Slot(place: nil), nil] {
            #expect(!judge(slot).isReady)
        }
        var lost = Slot(place: place(true))
        lost.isLost = true
        #expect(!judge(lost).isReady)
    }

    @Test func `a failover slot is ready when it is synchronized and persistent`() {
        var slot = Slot(place: place(false), isFailover: true, isSynced: true)
        #expect(judge(slot, version: 170_010, isFailover: true).isReady)
        slot.isTemporary = true
        #expect(!judge(slot, version: 170_010, isFailover: true).isReady)
        #expect(!judge(nil, version: 170_010, isFailover: true).isReady)
        #expect(!judge(Slot(place: place(true)), version: 170_010, isFailover: true).isReady)
    }

    @Test func `to the leader there is nothing to hand over`() {
        let leads = SlotReadiness(
            .init(version: 150_018, isStandby: false, slot: nil),
            slot: "s",
            isFailover: false
        )
        #expect(leads == .leads && leads.isReady)
    }

    @Test func `it says since when a standby is not ready, and when it is again`() {
        var readiness = StandbyReadiness()
        let cold = SlotReadiness.notReady("cold", remedy: "wait")
        #expect(readiness.take(["a": cold, "b": .ready("x")], at: 1_000_000_000).count == 1)
        #expect(readiness.take(["a": cold, "b": .ready("x")], at: 2_000_000_000).isEmpty)
        #expect(readiness.standbys["a"]?.since == 1_000_000_000 && readiness.waiting == ["a"])
        let news = readiness.take(["a": .ready("y"), "b": .leads], at: 31_000_000_000)
        #expect(news == [.ready("a", proof: "y", after: .seconds(30))])
        #expect(readiness.waiting.isEmpty && readiness.standbys["b"] == nil)
    }
}
