import Evidence

/// Whether every acknowledged write went through the topic.
///
/// End states alone cannot tell: a change that the stream skipped is hidden by the row's next one.
struct StreamCheck: Check {
    let name = "stream complete"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let stream = facts.stream
        var skipped = Finding("skipped-by-stream")
        for row in stream.skipped {
            guard let first = row.attempts.first else { continue }
            var text = "key \(row.row): \(first.token) is not in the topic"
            if row.attempts.count > 1 { text += ", nor are \(row.attempts.count - 1) later ones" }
            if let branch = row.branch, let position = branch.position {
                text += ": Debezium had read to \(position) on the dead timeline \(branch.timeline), "
                text += "which forked at \(branch.fork)"
            }
            skipped.add(row.row, first.token, count: row.attempts.count, text)
        }
        var notes: [String] = []
        func note(_ count: Int, _ text: String) {
            if count > 0 { notes.append("\(count.grouped) \(text)") }
        }
        note(stream.folded, "acknowledged writes are older than their row's snapshot")
        note(stream.gone, "acknowledged writes are not in the topic, and on no leader any more")
        note(stream.shadowed, "of the skipped changes lie after a fork that Debezium had read beyond")
        note(stream.repeatedReads, "rows were read by more than one snapshot")
        note(evidence.topic.scatteredRows.count, "rows have events in more than one partition")
        note(stream.unjudged, "acknowledged writes are older than what the broker still has: not judged")
        var result = CheckResult(
            name,
            lookedAt: stream.seen,
            findings: [(skipped, "change skipped by the stream", "changes skipped by the stream")],
            notes: notes
        )
        if result.status == .pass && stream.unjudged > 0 {
            result.status = .unknown
            result.headline = "the topic begins after \(stream.unjudged.grouped) acknowledged writes"
        }
        return result
    }
}
