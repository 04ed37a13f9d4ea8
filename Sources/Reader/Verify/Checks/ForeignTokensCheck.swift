import Journal
import Tables

/// Whether a value is anywhere that nobody wrote.
struct ForeignTokensCheck: Check {
    let name = "foreign tokens"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let journal = evidence.journal
        var atSource = Finding("foreign-at-source")
        var atDestination = Finding("foreign-at-destination")
        var inTopic = Finding("foreign-in-topic")
        var looked = 0
        for id in journal.attempts.keys.sorted() {
            func look(_ table: TableContent, _ finding: inout Finding) {
                guard let value = table.rows[id]?.value else { return }
                looked += 1
                guard journal.origin(of: value, in: id) == .foreign else { return }
                finding.add(id, value, "key \(id) holds \(value), which no attempt wrote")
            }
            look(evidence.source, &atSource)
            look(evidence.destination, &atDestination)
            var seen: Set<Int64> = []
            for event in facts.events[id] ?? [] where event.setsValue {
                looked += 1
                guard journal.origin(of: event.value, in: id) == .foreign,
                    !facts.isOlder(event, than: journal), seen.insert(event.value).inserted
                else { continue }
                inTopic.add(
                    id,
                    event.value,
                    "key \(id): offset \(event.offset) carries \(event.value), which no attempt wrote"
                )
            }
        }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [
                (atDestination, "foreign value at the destination", "foreign values at the destination"),
                (atSource, "foreign value at the source", "foreign values at the source"),
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
        guard let first = journal.attempts[event.id]?.first else { return true }
        return event.value <= first.previous
    }
}
