import Evidence
import Model

/// Which acknowledged writes went through the topic, and why the others did not.
struct StreamCoverage: Sendable {
    /// The writes of one row that the stream skipped, in order; never empty.
    struct Skipped: Sendable {
        var row: RowID
        var attempts: [Attempt]
        /// The fork that hides the first of them, `nil` where none does.
        var branch: ForkArithmetic.Branch?
    }

    /// Rows in the order of their keys.
    private(set) var skipped: [Skipped] = []
    private(set) var seen = 0
    /// Older than what a snapshot read of their row, or in a gap that one filled.
    private(set) var folded = 0
    /// Older than what the broker still has.
    private(set) var unjudged = 0
    /// Not in the topic, and on no leader any more.
    private(set) var gone = 0
    /// Skipped after a fork that Debezium had read beyond.
    private(set) var shadowed = 0
    /// Rows that more than one snapshot read.
    private(set) var repeatedReads = 0

    /// Looks each acknowledged write up; `forks` counts those that it hides.
    init(
        _ evidence: Evidence,
        events: [RowID: [TopicContent.Event]],
        dead: RowTokens,
        _ forks: inout ForkArithmetic
    ) {
        let gaps = evidence.journal.connector.filledGaps
        for (key, attempts) in evidence.journal.attempts.sorted(by: { $0.key < $1.key }) {
            let stream = RowStream(events[key] ?? [])
            let dead = dead[key]
            if stream.snapshotReadCount > 1 { repeatedReads += 1 }
            var row = Skipped(row: key, attempts: [])
            for attempt in attempts where attempt.isAcknowledged {
                if stream.values.contains(attempt.token) {
                    seen += 1
                } else if dead.contains(attempt.token) {
                    // A stream that began after the fork never sees it.
                    gone += 1
                } else if let read = stream.snapshotRead, attempt.token <= read {
                    // The snapshot carries the row's value of its moment: what was before is folded into it.
                    folded += 1
                } else if gaps.contains(where: { $0.explains(attempt.token, among: events[key] ?? []) }) {
                    folded += 1
                } else if evidence.topic.isTruncated, attempt.token < stream.firstValue ?? .greatest {
                    unjudged += 1
                } else {
                    let branch = forks.count(skipped: attempt)
                    if branch != nil { shadowed += 1 }
                    if row.attempts.isEmpty { row.branch = branch }
                    row.attempts.append(attempt)
                }
            }
            if !row.attempts.isEmpty { skipped.append(row) }
        }
    }
}
