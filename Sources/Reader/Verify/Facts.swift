import Evidence
import Model
import Tables

/// What several checks need of the evidence, found out once.
struct Facts: Sendable {
    /// The events of each row, in the topic's order.
    let events: [RowID: [TopicContent.Event]]
    /// What the source's rows say about the history.
    let source: TableJudgement
    let forks: ForkArithmetic
    /// What became of the acknowledged writes on their way through the topic.
    let stream: StreamCoverage

    init(_ evidence: Evidence) {
        events = evidence.topic.eventsByRow()
        source = TableJudgement(evidence.journal.table, held: evidence.source.rows.mapValues(\.value))
        var forks = ForkArithmetic(evidence, events: events, source)
        stream = StreamCoverage(evidence, events: events, dead: source.dead, &forks)
        self.forks = forks
    }

    /// Acknowledged writes that the source lost, by row, in their order.
    var lost: [RowID: [Attempt]] { source.lost }

    /// Tokens of attempts that did not happen, or that the source lost: no row holds them any more.
    var dead: RowTokens { source.dead }

    /// Whether the source lost an acknowledged write to a fork.
    func isLostByFork(_ attempt: Attempt, of row: RowID) -> Bool {
        forks.explained.contains(attempt.token, of: row)
            && (lost[row] ?? []).contains { $0.token == attempt.token }
    }
}
