import Journal
import Tables

/// What several checks need of the evidence, found out once.
struct Facts: Sendable {
    /// The events of each row, in the topic's order.
    let events: [Int64: [TopicContent.Event]]
    /// Acknowledged writes that the source lost, by row, in their order.
    let lost: [Int64: [Attempt]]
    /// Tokens of attempts that did not happen, or that the source lost: no row holds them any more.
    let dead: [Int64: Set<Int64>]
    let forks: ForkArithmetic
    /// What became of the acknowledged writes on their way through the topic.
    let stream: StreamCoverage

    init(_ evidence: Evidence) {
        let events = evidence.topic.eventsByRow()
        var lost: [Int64: [Attempt]] = [:]
        var dead: [Int64: Set<Int64>] = [:]
        for (id, attempts) in evidence.journal.attempts {
            let final = evidence.source.rows[id].map { evidence.journal.valueBeforeFences($0.value, of: id) }
            let isForeign = final.map { evidence.journal.origin(of: $0, in: id) == .foreign } ?? false
            let rowLost = Self.lost(attempts, final: isForeign ? .max : final ?? .min)
            if !rowLost.isEmpty { lost[id] = rowLost }
            var tokens = Set(rowLost.lazy.map(\.token))
            let found = Set(attempts.lazy.map(\.previous))
            // The least that an acknowledged write after each place found.
            var least = Int64.max
            for attempt in attempts.reversed() {
                defer { if attempt.isAcknowledged { least = min(least, attempt.previous) } }
                guard !attempt.isAcknowledged else { continue }
                // Nobody found an unsettled one, and the row stands or stood below it later: it did not
                // happen, or a fork took it.
                let isAbsent =
                    attempt.isUnsettled && !found.contains(attempt.token) && !isForeign
                    && attempt.token > min(final ?? .max, least)
                if attempt.isImpossible || isAbsent { tokens.insert(attempt.token) }
            }
            if !tokens.isEmpty { dead[id] = tokens }
        }
        (self.events, self.lost, self.dead) = (events, lost, dead)
        var forks = ForkArithmetic(evidence, events: events, lost: lost, dead: dead)
        stream = StreamCoverage(evidence, events: events, dead: dead, &forks)
        self.forks = forks
    }

    /// Whether the source lost an acknowledged write to a fork.
    func isLostByFork(_ attempt: Attempt, of id: Int64) -> Bool {
        forks.explains(attempt.token, of: id) && (lost[id] ?? []).contains { $0.token == attempt.token }
    }

    /// Acknowledged writes of one row that are gone at the source.
    ///
    /// Tokens of a row only rise, and an update is acknowledged only if the row held what the attempt says
    /// it found. So a write is lost when the row ends below it, or when a later acknowledged write found
    /// less than it: that one hides the loss from every comparison of end states.
    private static func lost(_ attempts: [Attempt], final: Int64) -> [Attempt] {
        var gone: Set<Int64> = []
        var highest: [Attempt] = []
        for attempt in attempts where attempt.isAcknowledged {
            for earlier in highest.reversed() {
                guard earlier.token > attempt.previous else { break }
                if earlier.ended ?? .max <= attempt.invoked { gone.insert(earlier.token) }
            }
            highest.append(attempt)
        }
        return highest.filter { gone.contains($0.token) || $0.token > final }
    }
}
