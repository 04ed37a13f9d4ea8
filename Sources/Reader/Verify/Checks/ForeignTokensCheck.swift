import Evidence
import Model
import Tables

/// Whether a value is anywhere that nobody wrote.
struct ForeignTokensCheck: Check {
    let name = TableJudgement.foreignName
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let journal = evidence.journal
        var atDestination = Finding("foreign-at-destination")
        var inTopic = Finding("foreign-in-topic")
        var looked = 0
        for row in journal.attempts.keys.sorted() {
            if evidence.source.rows[row] != nil { looked += 1 }
            if let value = evidence.destination.rows[row]?.value {
                looked += 1
                if journal.table.origin(of: value, in: row) == .foreign {
                    atDestination.add(row, value, "key \(row) holds \(value), which no attempt wrote")
                }
            }
            var seen: Set<Token> = []
            for event in facts.events[row] ?? [] where event.setsValue {
                looked += 1
                guard journal.table.origin(of: event.value, in: row) == .foreign,
                    !facts.isOlder(event, than: journal), seen.insert(event.value).inserted
                else { continue }
                inTopic.add(
                    row,
                    event.value,
                    "key \(row): offset \(event.offset) carries \(event.value), which no attempt wrote"
                )
            }
        }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [
                (atDestination, "foreign value at the destination", "foreign values at the destination"),
                (facts.source.foreignFinding, TableJudgement.foreignWords.0, TableJudgement.foreignWords.1),
                (inTopic, "foreign value in the topic", "foreign values in the topic"),
            ]
        )
    }
}

extension Facts {
    /// A topic outlives histories: what is below the row's first value here was written before, and so was what was
    /// produced before, such as an event of a branch that died then.
    func isOlder(_ event: TopicContent.Event, than journal: Journal) -> Bool {
        if let begin = journal.begin, event.producedAt > 0, event.producedAt * 1_000 < begin { return true }
        guard let first = journal.attempts[event.row]?.first else { return true }
        return event.value <= first.previous
    }
}
