import Evidence
import Tables

/// Whether the topic keeps the order of each row's changes.
///
/// Events that are sent again after a restart take a row back to what it was before, and so does the stream after
/// a snapshot that ran under load: that is noted. A change that comes for the first time after a later one of the
/// stream is not in order.
struct StreamOrderCheck: Check {
    let name = "regressions"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        var disordered = Finding("regression")
        var (looked, replays) = (0, 0)
        for (row, events) in facts.events.sorted(by: { $0.key < $1.key }) {
            looked += events.count
            // Events of several partitions have no order among each other.
            guard !evidence.topic.scatteredRows.contains(row) else { continue }
            let stream = RowStream(events)
            replays += stream.replayCount
            for event in stream.disordered where !facts.isOlder(event, than: evidence.journal) {
                disordered.add(
                    row,
                    event.value,
                    "key \(row): \(event.value) came at offset \(event.offset), after a later change"
                )
            }
        }
        return CheckResult(
            name,
            lookedAt: looked,
            findings: [(disordered, "change out of order in the topic", "changes out of order in the topic")],
            notes: replays == 0
                ? [] : ["\(replays.grouped) times a row went back in the topic before it went on"]
        )
    }
}

/// Whether the sink applied a record more than once.
///
/// Events that are in the topic twice are the stream's promise (at least once), and are noted.
struct DuplicatesCheck: Check {
    let name = "duplicates"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        var twice: Int64 = 0
        var examples: [String] = []
        for (number, partition) in evidence.topic.partitions.sorted(by: { $0.key < $1.key })
        where partition.firstOffset == 0 {
            guard let progress = evidence.progress[number] else { continue }
            let count = Int64(partition.events.lazy.filter { $0.offset < progress.nextOffset }.count)
            guard progress.events > count else { continue }
            twice += progress.events - count
            examples.append("partition \(number): \(progress.events) applied, \(count) in the topic")
        }
        let inTopic = facts.events.values.reduce(0) { $0 + RowStream($1).duplicateCount }
        return CheckResult(
            name: name,
            status: twice == 0 ? .pass : .fail,
            count: twice == 0 ? inTopic : Int(twice),
            headline: twice == 0 ? "" : "\(twice.grouped) \(twice == 1 ? "event" : "events") applied twice",
            examples: examples,
            notes: inTopic == 0
                ? [] : ["\(inTopic.grouped) events are in the topic twice (sent again after a restart)"]
        )
    }
}
