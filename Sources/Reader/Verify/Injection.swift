import Commands
import History
import Evidence
import Model
import Tables

/// A fault put into the evidence as it is read, to see whether the checks find it; nothing is written.
enum Injection: String, CaseIterable, OptionValue {
    /// The stream skips an acknowledged change.
    case lose
    /// The destination holds an older value than the topic's last.
    case stale
    /// The destination holds a write that did not happen.
    case phantom
    /// The sink applies an event twice.
    case duplicate
    /// The destination holds a value that nobody wrote.
    case foreign
    /// The source holds a write again that did not happen.
    case resurrect

    /// The check that must fail for it.
    var check: String {
        switch self {
        case .lose: "stream complete"
        case .stale: "acknowledged at destination"
        case .phantom: "phantoms"
        case .duplicate: "duplicates"
        case .foreign: "foreign tokens"
        case .resurrect: "resurrected tokens"
        }
    }

    /// Puts the fault into the evidence.
    ///
    /// - Returns: what was done, or `nil` when the evidence has no row that it could be done to.
    func apply(
        to evidence: inout Evidence,
        using generator: inout some RandomNumberGenerator
    ) -> String? {
        if self == .duplicate {
            guard let partition = evidence.progress.keys.sorted().randomElement(using: &generator) else {
                return nil
            }
            evidence.progress[partition]?.events += 1
            return "partition \(partition): one event more applied"
        }
        // A marker's row would be judged by what the marker covers.
        let marked = Set(evidence.fence.rows.map(\.row))
        let candidates = evidence.journal.attempts.filter { row, attempts in
            !marked.contains(row) && evidence.source.rows[row] != nil
                && evidence.destination.rows[row] == evidence.source.rows[row]
                && attempts.last?.token == evidence.source.rows[row]?.value
                && attempts.last?.isAcknowledged == true
        }
        guard let row = candidates.keys.sorted().randomElement(using: &generator),
            let attempt = candidates[row]?.last
        else { return nil }
        let invented = max(evidence.journal.highestToken, evidence.topic.highestValue, attempt.token).next
        switch self {
        case .lose:
            guard evidence.topic.remove(attempt.token, of: row, &evidence.progress) else { return nil }
            evidence.destination.rows[row]?.value = attempt.previous
            return "key \(row): event \(attempt.token) left out"
        case .stale:
            evidence.destination.rows[row]?.value = attempt.previous
            return "key \(row): the destination set back to \(attempt.previous)"
        case .foreign:
            evidence.destination.rows[row]?.value = invented
            return "key \(row): the destination set to \(invented)"
        case .phantom, .resurrect:
            evidence.journal.addFailure(invented, of: row, after: attempt)
            evidence.destination.rows[row]?.value = invented
            if self == .resurrect { evidence.source.rows[row]?.value = invented }
            return "key \(row): the failed write \(invented) is there"
        case .duplicate: return nil
        }
    }
}

extension TopicContent {
    /// Leaves out the events of a token, as if they had never been sent; the sink has counted as many less.
    mutating func remove(_ token: Token, of row: RowID, _ progress: inout [Int32: SinkProgress]) -> Bool {
        guard let number = partitionOfRow[row], var partition = partitions[number] else { return false }
        let count = partition.events.count
        partition.events.removeAll { $0.row == row && $0.setsValue && $0.value == token }
        partitions[number] = partition
        progress[number]?.events -= Int64(count - partition.events.count)
        return partition.events.count < count
    }
}

extension Journal {
    /// Adds an attempt that certainly did not happen, as if the writer had recorded it.
    fileprivate mutating func addFailure(_ token: Token, of row: RowID, after attempt: Attempt) {
        let name = HistoryLine.AttemptName(worker: attempt.worker, id: row.rawValue, token: token)
        let session = HistoryLine.Session(
            node: attempt.node,
            backendProcessID: 0,
            timeline: attempt.timeline
        )
        let moment = Moment(monotonic: attempt.ended ?? attempt.invoked, wall: attempt.invokedAt)
        let reason = HistoryLine.Unacknowledged(sqlState: "40001", phase: .statement, reason: "injected")
        replay(HistoryLine(.invoke(.init(name: name, previous: attempt.token.rawValue), session), at: moment))
        replay(HistoryLine(.fail(name, reason), at: moment))
    }
}
