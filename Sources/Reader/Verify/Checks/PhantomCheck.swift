import Shared

/// Whether something that certainly did not happen is there nevertheless.
struct PhantomCheck: Check {
    let name = "phantoms"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence) -> CheckResult {
        let journal = evidence.journal
        var (atSource, atDestination) = (Finding(), Finding())
        for id in journal.attempts.keys.sorted() {
            if let attempt = impossible(evidence.source.rows[id], id, journal) {
                atSource.add(id, "key \(id) holds \(attempt.token), which the writer saw fail")
            }
            if let attempt = impossible(evidence.destination.rows[id], id, journal) {
                atDestination.add(
                    id,
                    "key \(id) holds \(attempt.token), which failed on timeline \(attempt.timeline)"
                )
            }
        }
        var (failed, unknown, looked) = (0, 0, 0)
        for event in evidence.topic.partitions.values.lazy.map(\.events).joined() where event.setsValue {
            looked += 1
            switch journal.origin(of: event.value, in: event.id) {
            case .attempt(let attempt) where attempt.isImpossible: failed += 1
            case .foreign where !isOlder(event, than: journal): unknown += 1
            default: break
            }
        }
        var notes: [String] = []
        if failed > 0 { notes.append("\(failed.grouped) events in the topic carry a write that failed") }
        if unknown > 0 { notes.append("\(unknown.grouped) events in the topic carry a value nobody wrote") }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [
                (atDestination, "phantom in the destination", "phantoms in the destination"),
                (atSource, "failed write in the source", "failed writes in the source"),
            ],
            notes: notes
        )
    }

    private func impossible(_ row: TableContent.Row?, _ id: Int64, _ journal: Journal) -> Attempt? {
        guard let row, case .attempt(let attempt) = journal.origin(of: row.value, in: id),
            attempt.isImpossible
        else { return nil }
        return attempt
    }

    /// A topic outlives histories: what is below the row's first value here was written before.
    private func isOlder(_ event: TopicContent.Event, than journal: Journal) -> Bool {
        guard let first = journal.attempts[event.id]?.first else { return true }
        return event.value <= first.previous
    }
}
