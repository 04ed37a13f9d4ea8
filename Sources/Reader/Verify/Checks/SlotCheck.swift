import Evidence
import Slots

/// Whether the leader has a logical slot that the stream can go on from, also after the next failover.
struct SlotCheck: Check {
    let name = "slot readiness"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        guard let slots = evidence.slots else {
            return CheckResult(name: name, status: .pass, count: 0, notes: ["the leader was not asked"])
        }
        let logical = slots.filter(\.isLogical)
        var wrong: [String] = []
        // Where nothing was ever streamed, the fence says so.
        if logical.isEmpty && evidence.topic.eventCount > 0 { wrong.append("the leader has no logical slot") }
        for slot in logical where slot.walStatus == "lost" {
            wrong.append("slot \(slot.name) has lost the log that the stream needs")
        }
        var notes: [String] = []
        for slot in logical {
            let retained = slot.retainedBytes.map { ", \($0.grouped) bytes of log kept" } ?? ""
            notes.append("\(slot.name) is \(slot.isActive ? "active" : "not in use")\(retained)")
        }
        for slot in slots where !slot.isLogical && slot.isActive && !slot.hasCatalogXmin {
            notes.append(
                "not ready on \(slot.name): a failover to it now may leave the stream without its slot"
            )
        }
        for (slot, look) in evidence.standbys.sorted(by: { $0.key < $1.key }) {
            for (node, readiness) in look.standbys.sorted(by: { $0.key < $1.key }) {
                guard case .notReady(let reason, _) = readiness else { continue }
                notes.append("not ready on \(node): a switchover to it would cost \(slot) changes: \(reason)")
            }
        }
        return CheckResult(
            name: name,
            status: wrong.isEmpty ? .pass : .fail,
            count: wrong.isEmpty ? logical.count : wrong.count,
            headline: wrong.joined(separator: "; "),
            examples: wrong,
            notes: notes
        )
    }
}
