import Evidence
import Model

/// Whether each lost or phantom token is explained by a fork.
///
/// What a leader wrote after the fork of its timeline is gone. A token is explained if its event stands at
/// or after that fork; without an event, or with one of a transaction that was open there, if no
/// surviving write of the same timeline was begun after it ended, for the log keeps that order.
struct ForkArithmetic: Sendable {
    /// What one fork did.
    struct Branch: Sendable, Equatable {
        var timeline: Timeline
        var fork: LSN
        var lost = 0
        var phantomEvents = 0
        /// The furthest event of the dead branch in the topic: the stream had read at least this far.
        var readUpTo: LSN?
        /// The offset that the connector had stored when it was started again on a later timeline.
        var storedAtRestart: LSN?
        /// Acknowledged writes of later timelines that are not in the topic.
        var skipped = 0

        /// How far the stream is known to have been.
        var position: LSN? { storedAtRestart ?? readUpTo }
    }

    private(set) var branches: [Branch] = []
    /// Tokens that no fork explains.
    private(set) var unexplained: [(row: RowID, attempt: Attempt, isLost: Bool)] = []
    /// Tokens that are gone because of a fork.
    private(set) var explained = RowTokens()
    /// How many tokens had to be explained.
    private(set) var count = 0

    let knowledge: ForkKnowledge

    init(
        _ evidence: Evidence,
        events: [RowID: [TopicContent.Event]],
        _ source: TableJudgement
    ) {
        knowledge = evidence.forks
        let survivors = Self.lastSurvivor(evidence.journal, source.dead)
        var branches: [Timeline: Branch] = [:]
        for row in source.dead.rows {
            let tokens = source.dead[row]
            var inTopic: [Token: LSN] = [:]
            for event in events[row] ?? [] where event.setsValue && tokens.contains(event.value) {
                inTopic[event.value] = event.lsn
            }
            let lostTokens = Set((source.lost[row] ?? []).map(\.token))
            for attempt in evidence.journal.attempts[row] ?? [] where tokens.contains(attempt.token) {
                let isLost = lostTokens.contains(attempt.token)
                let lsn = inTopic[attempt.token]
                // What did not happen and was not sent needs no explanation.
                guard isLost || lsn != nil else { continue }
                count += 1
                guard let fork = knowledge.ends?[attempt.timeline],
                    lsn.map({ $0 >= fork }) ?? false
                        || survivors[attempt.timeline] ?? 0 <= attempt.ended ?? attempt.invoked
                else {
                    unexplained.append((row, attempt, isLost))
                    continue
                }
                explained.insert(attempt.token, of: row)
                var branch = branches[attempt.timeline] ?? Branch(timeline: attempt.timeline, fork: fork)
                branch.lost += isLost ? 1 : 0
                branch.phantomEvents += lsn == nil ? 0 : 1
                branch.readUpTo = [branch.readUpTo, lsn].compactMap(\.self).max()
                branches[attempt.timeline] = branch
            }
        }
        self.branches = branches.values.sorted { $0.timeline < $1.timeline }
        guard !self.branches.isEmpty, !evidence.journal.connector.restartOffsets.isEmpty else { return }
        let firstEvents = Self.firstEvents(evidence.journal, events)
        for index in self.branches.indices {
            let timeline = self.branches[index].timeline
            // A later start says nothing about this fork: the offset has moved on since.
            let streamed = firstEvents.lazy.filter { $0.key > timeline }.map(\.value).min() ?? .max
            self.branches[index].storedAtRestart =
                evidence.journal.connector.restartOffsets.first {
                    $0.timeline > timeline && $0.at < streamed
                }?.stored
        }
    }

    /// When the topic got the first event of each timeline, in microseconds since 1970.
    private static func firstEvents(
        _ journal: Journal,
        _ events: [RowID: [TopicContent.Event]]
    ) -> [Timeline: Int64] {
        var first: [Timeline: Int64] = [:]
        for (row, attempts) in journal.attempts {
            let timelines = Dictionary(attempts.lazy.map { ($0.token, $0.timeline) }) { $1 }
            for event in events[row] ?? [] where event.setsValue {
                guard let timeline = timelines[event.value] else { continue }
                first[timeline] = min(first[timeline] ?? .max, event.producedAt * 1_000)
            }
        }
        return first
    }

    /// Counts an acknowledged write that is not in the topic at the fork that hides it.
    ///
    /// - Returns: the branch, `nil` where the stream was beyond no fork before the write.
    mutating func count(skipped attempt: Attempt) -> Branch? {
        let index = branches.lastIndex { $0.timeline < attempt.timeline && $0.position ?? $0.fork > $0.fork }
        guard let index else { return nil }
        branches[index].skipped += 1
        return branches[index]
    }

    /// When the last surviving acknowledged write of each timeline was begun.
    private static func lastSurvivor(_ journal: Journal, _ dead: RowTokens) -> [Timeline: UInt64] {
        var last: [Timeline: UInt64] = [:]
        for (row, attempts) in journal.attempts {
            let gone = dead[row]
            for attempt in attempts where attempt.isAcknowledged && !gone.contains(attempt.token) {
                last[attempt.timeline] = max(last[attempt.timeline] ?? 0, attempt.invoked)
            }
        }
        return last
    }

    /// One line for each fork that explains something.
    var lines: [String] {
        branches.map { branch in
            var text = "timeline \(branch.timeline) ended at \(branch.fork): "
            text += "\(branch.lost.grouped) acknowledged writes lost, "
            text += "\(branch.phantomEvents.grouped) events of the dead branch in the topic"
            if let position = branch.position {
                let isExact = branch.storedAtRestart != nil
                text +=
                    isExact
                    ? "; Debezium was started again at \(position), "
                    : "; Debezium had read at least up to \(position), "
                let bytes = position.rawValue - min(position.rawValue, branch.fork.rawValue)
                text += bytes == 0 ? "not beyond the fork" : "\(bytes.grouped) bytes beyond the fork"
            }
            if branch.skipped > 0 {
                text += "; \(branch.skipped.grouped) acknowledged writes after the fork were skipped"
            }
            if let stored = knowledge.storedOffset { text += "; its stored offset is \(stored) now" }
            return text
        }
    }
}
