/// Whether every acknowledged write went through the topic.
///
/// End states alone cannot tell: a change that the stream skipped is hidden by the row's next one.
struct StreamCheck: Check {
    let name = "stream complete"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let events = facts.events
        var skipped = Finding("skipped-by-stream")
        var (judged, folded, unjudged, repeatedReads, gone) = (0, 0, 0, 0, 0)
        var shadowed = 0
        for (id, attempts) in evidence.journal.attempts.sorted(by: { $0.key < $1.key }) {
            let stream = RowStream(events[id] ?? [])
            let dead = facts.dead[id] ?? []
            if stream.snapshotReadCount > 1 { repeatedReads += 1 }
            var missing: [Attempt] = []
            for attempt in attempts where attempt.isAcknowledged {
                if stream.values.contains(attempt.token) {
                    judged += 1
                } else if dead.contains(attempt.token) {
                    // It is on no leader any more; a stream that began behind the fork never sees it.
                    gone += 1
                } else if let read = stream.snapshotRead, attempt.token <= read {
                    // The snapshot carries the row's value of its moment: what was before is folded into it.
                    folded += 1
                } else if evidence.topic.isTruncated, attempt.token < stream.firstValue ?? .max {
                    unjudged += 1
                } else {
                    missing.append(attempt)
                }
            }
            guard let first = missing.first else { continue }
            let shadow = facts.forks.shadow(on: first.timeline)
            if shadow != nil { shadowed += missing.count }
            let cause =
                shadow.flatMap { branch in
                    branch.readUpTo.map {
                        ": Debezium had read to \($0) on the dead timeline \(branch.timeline), "
                            + "which forked at \(branch.fork)"
                    }
                } ?? ""
            skipped.add(
                id,
                first.token,
                count: missing.count,
                "key \(id): \(first.token) is not in the topic\(cause)"
            )
        }
        var notes: [String] = []
        func note(_ count: Int, _ text: String) {
            if count > 0 { notes.append("\(count.grouped) \(text)") }
        }
        note(folded, "acknowledged writes are older than their row's snapshot")
        note(gone, "acknowledged writes are not in the topic, and on no leader any more")
        note(shadowed, "of the skipped changes lie behind a fork that Debezium had read beyond")
        note(repeatedReads, "rows were read by more than one snapshot")
        note(evidence.topic.scatteredRows.count, "rows have events in more than one partition")
        note(unjudged, "acknowledged writes are older than what the broker still has: not judged")
        var result = CheckResult(
            name,
            lookedAt: judged,
            findings: [(skipped, "change skipped by the stream", "changes skipped by the stream")],
            notes: notes
        )
        if result.status == .pass && unjudged > 0 {
            result.status = .unknown
            result.headline = "the topic begins behind \(unjudged.grouped) acknowledged writes"
        }
        return result
    }
}
