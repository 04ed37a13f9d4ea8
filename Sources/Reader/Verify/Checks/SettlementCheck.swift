import Journal
import Tables

/// Whether it is known of every attempt what became of it.
///
/// What the writer did not settle, because it was killed, the source's row decides now: the verifier has
/// waited until nobody holds these rows any more, so nothing of the attempt can still be on its way.
struct SettlementCheck: Check {
    let name = "unknown outcomes settled"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let journal = evidence.journal
        var undecided = Finding("unsettled")
        var (happened, didNot, superseded, settled) = (0, 0, 0, 0)
        for (id, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let found = Set(attempts.lazy.map(\.previous))
            for attempt in attempts {
                if attempt.outcome == .settledOk || attempt.outcome == .settledFail { settled += 1 }
                guard attempt.isUnsettled else { continue }
                let token = attempt.token
                if found.contains(token) {
                    // A later attempt found it in the row.
                    happened += 1
                } else if let row = evidence.source.rows[id] {
                    let value = journal.valueBeforeFences(row.value, of: id)
                    if value == token {
                        happened += 1
                    } else if value < token {
                        didNot += 1
                    } else {
                        superseded += 1
                    }
                } else {
                    undecided.add(
                        id,
                        token,
                        "key \(id): \(token) was never acknowledged, and the row is gone"
                    )
                }
            }
        }
        var notes: [String] = []
        let left = happened + didNot + superseded
        if left > 0 {
            notes.append(
                "\(left) that the writer left open: \(happened) happened, \(didNot) did not, "
                    + "\(superseded) were overwritten by a later write"
            )
        }
        return CheckResult(
            name: name,
            status: undecided.isEmpty ? .pass : .unknown,
            count: undecided.isEmpty ? settled + left : undecided.count,
            headline: undecided.isEmpty
                ? ""
                : undecided.headline("unknown outcome is not settled", "unknown outcomes are not settled"),
            examples: undecided.examples,
            notes: notes,
            anomalies: undecided.anomalies
        )
    }
}
