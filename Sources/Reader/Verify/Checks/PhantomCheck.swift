import Journal
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
        for id in evidence.journal.attempts.keys.sorted() {
            let tokens = facts.dead[id] ?? []
            for event in facts.events[id] ?? [] where event.setsValue {
                looked += 1
                if tokens.contains(event.value) { dead += 1 }
            }
            // Where the source holds it too it is not invented here: see the resurrected tokens.
            guard let value = evidence.destination.rows[id]?.value, tokens.contains(value),
                evidence.source.rows[id]?.value != value,
                case .attempt(let attempt) = evidence.journal.origin(of: value, in: id)
            else { continue }
            let end = facts.forks.knowledge.ends?[attempt.timeline].map { ", which ended at \($0)" } ?? ""
            phantoms.add(
                id,
                value,
                "key \(id) holds \(value) of timeline \(attempt.timeline)\(end): the source does not have it"
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
    let name = "resurrected tokens"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let journal = evidence.journal
        var atSource = Finding("resurrected-at-source")
        var found = Finding("resurrected-and-overwritten")
        var looked = 0
        for (id, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let tokens = facts.dead[id] ?? []
            looked += tokens.count
            guard !tokens.isEmpty else { continue }
            if let row = evidence.source.rows[id] {
                let value = journal.valueBeforeFences(row.value, of: id)
                if tokens.contains(value) {
                    atSource.add(id, value, "key \(id) holds \(value) again, which was known to be gone")
                }
            }
            // What is gone itself may well have found what went with it.
            for attempt in attempts
            where attempt.isAcknowledged && tokens.contains(attempt.previous)
                && !tokens.contains(attempt.token)
            {
                found.add(
                    id,
                    attempt.previous,
                    "key \(id): the acknowledged write \(attempt.token) found \(attempt.previous), "
                        + "which was known to be gone"
                )
            }
        }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [
                (atSource, "token resurrected at the source", "tokens resurrected at the source"),
                (found, "token resurrected and overwritten", "tokens resurrected and overwritten"),
            ]
        )
    }
}
