/// Whether every acknowledged write went through the topic.
///
/// End states alone cannot tell: a change that the stream skipped is hidden by the row's next one.
struct StreamCheck: Check {
    let name = "stream complete"
    let judgesWithoutFence = false

    func judge(_ evidence: Evidence) -> CheckResult {
        let events = evidence.topic.eventsByRow()
        var skipped = Finding()
        var (judged, folded, unjudged) = (0, 0, 0)
        var (duplicates, regressions, repeatedReads) = (0, 0, 0)
        for (id, attempts) in evidence.journal.attempts.sorted(by: { $0.key < $1.key }) {
            let stream = RowStream(events[id] ?? [])
            duplicates += stream.duplicateCount
            regressions += stream.regressionCount
            if stream.snapshotReadCount > 1 { repeatedReads += 1 }
            var missing: [Attempt] = []
            for attempt in attempts where attempt.isAcknowledged {
                if stream.values.contains(attempt.token) {
                    judged += 1
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
            skipped.add(id, count: missing.count, "key \(id): \(first.token) is not in the topic")
        }
        var notes: [String] = []
        func note(_ count: Int, _ text: String) {
            if count > 0 { notes.append("\(count.grouped) \(text)") }
        }
        note(folded, "acknowledged writes are older than their row's snapshot")
        note(duplicates, "events are in the topic twice (sent again after a restart)")
        note(regressions, "times a row went back in the topic before it went on")
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

/// The events of one row, in the order of their offsets.
private struct RowStream {
    private(set) var values: Set<Int64> = []
    private(set) var duplicateCount = 0
    private(set) var regressionCount = 0
    /// The largest value that a snapshot read.
    private(set) var snapshotRead: Int64?
    private(set) var snapshotReadCount = 0
    private(set) var firstValue: Int64?

    init(_ events: [TopicContent.Event]) {
        var last = Int64.min
        for event in events where event.setsValue {
            firstValue = firstValue ?? event.value
            if event.kind == .snapshotRead {
                snapshotRead = max(snapshotRead ?? .min, event.value)
                snapshotReadCount += 1
            }
            // A snapshot may read a value that the stream carries too: that is no duplicate.
            if !values.insert(event.value).inserted && event.kind != .snapshotRead { duplicateCount += 1 }
            if event.value < last { regressionCount += 1 }
            last = event.value
        }
    }
}
