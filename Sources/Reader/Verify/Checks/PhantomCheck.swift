import Evidence
import Tables

/// Whether the destination holds a write that the source does not have any more, or never had.
///
/// Such events in the topic are noted: the next change of their row makes them good.
struct PhantomCheck: Check {
    let name = "phantoms"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        var phantoms = Finding("phantom-row")
        var (looked, dead) = (0, 0)
        for row in evidence.journal.attempts.keys.sorted() {
            let tokens = facts.dead[row]
            for event in facts.events[row] ?? [] where event.setsValue {
                looked += 1
                if tokens.contains(event.value) { dead += 1 }
            }
            // Where the source holds it too it is not invented here: see the resurrected tokens.
            guard let value = evidence.destination.rows[row]?.value, tokens.contains(value),
                evidence.source.rows[row]?.value != value,
                case .attempt(let attempt) = evidence.journal.table.origin(of: value, in: row)
            else { continue }
            let end = facts.forks.knowledge.ends?[attempt.timeline].map { ", which ended at \($0)" } ?? ""
            phantoms.add(
                row,
                value,
                "key \(row) holds \(value) of timeline \(attempt.timeline)\(end): the source does not have it"
            )
        }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [(phantoms, "phantom in the destination", "phantoms in the destination")],
            notes: dead == 0 ? [] : ["\(dead.grouped) events in the topic carry a write that is on no leader"]
        )
    }
}

/// Whether a write that did not happen, or that a failover lost, is back.
struct ResurrectedTokensCheck: Check {
    let name = TableJudgement.resurrectionName
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        facts.source.resurrectionCheck
    }
}
