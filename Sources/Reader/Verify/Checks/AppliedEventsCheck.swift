import Evidence
import Tables

/// Whether the sink applied each record of the topic once: its own count against the records themselves.
struct AppliedEventsCheck: Check {
    let name = "applied equals topic"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        var wrong: [String] = []
        var notes: [String] = []
        var (applied, records) = (Int64(0), 0)
        for (number, partition) in evidence.topic.partitions.sorted(by: { $0.key < $1.key }) {
            guard partition.firstOffset == 0 else {
                notes.append("partition \(number) begins at offset \(partition.firstOffset): not judged")
                continue
            }
            guard let progress = evidence.progress[number] else {
                if !partition.events.isEmpty {
                    records += partition.events.count
                    wrong.append("partition \(number): \(partition.events.count) records, nothing applied")
                }
                continue
            }
            let count = partition.events.lazy.filter { $0.offset < progress.nextOffset }.count
            applied += progress.events
            records += count
            if progress.nextOffset > partition.nextOffset {
                wrong.append(
                    "partition \(number): applied up to offset \(progress.nextOffset), "
                        + "the topic ends at \(partition.nextOffset)"
                )
            } else if progress.events < Int64(count) {
                wrong.append("partition \(number): \(progress.events) applied, \(count) in the topic")
            }
            let open = partition.events.count - count
            if open > 0 {
                notes.append("partition \(number): \(open) records came later than the comparison")
            }
        }
        let tombstones = evidence.topic.partitions.values.reduce(0) { $0 + $1.tombstoneCount }
        if tombstones > 0 { notes.append("\(tombstones.grouped) of them are tombstones") }
        if let example = evidence.topic.undecodableExample {
            notes.append("\(evidence.topic.undecodableCount) records are no change events: \(example)")
        }
        return CheckResult(
            name: name,
            status: wrong.isEmpty ? .pass : .fail,
            count: wrong.isEmpty ? records : wrong.count,
            headline: wrong.isEmpty
                ? "" : "\(applied.grouped) events applied, \(records.grouped) in the topic",
            examples: Array(wrong.prefix(Finding.exampleLimit)),
            notes: notes
        )
    }
}
