import Model

/// Since when nothing of a partition can have been missed, and for which topics that matters.
///
/// Looked at once in a while, and never for a single record.
struct LogSafety {
    /// By topic; none for one that keeps every delete, or whose settings nobody may see.
    private var risks: [ExactText: TombstoneRisk] = [:]
    private var safeSince: [TopicPartition: Int64] = [:]
    private var nextLook = Deadline.after(.zero)

    /// What a topic's settings say.
    mutating func learned(_ risk: TombstoneRisk?, of topic: String) { risks[ExactText(topic)] = risk }

    func risk(of place: TopicPartition) -> TombstoneRisk? { risks[ExactText(place.topic)] }

    /// Whether any topic's deletes can be lost.
    var isAtRisk: Bool { !risks.isEmpty }

    /// Nothing can have been missed up to a time, in milliseconds since 1970.
    mutating func isSafe(_ place: TopicPartition, since time: Int64) {
        safeSince[place] = max(safeSince[place] ?? .min, time)
    }

    /// A batch was applied: what is after it was written no earlier than its last record.
    mutating func applied(_ advances: [Batch.Advance], now: Int64) {
        guard isAtRisk else { return }
        for advance in advances {
            // Producers choose the time: one whose clock is ahead proves nothing.
            if let newest = advance.newest { isSafe(advance.place, since: min(newest, now)) }
        }
    }

    /// Since when nothing of a partition can have been missed, where deletes of it may be gone.
    func loss(of place: TopicPartition, hasUnread: Bool, now: Int64) -> (since: Int64, retention: Int64)? {
        guard let risk = risk(of: place), let since = safeSince[place],
            risk.isLost(safeSince: since, hasUnread: hasUnread, now: now)
        else { return nil }
        return (since, risk.retention)
    }

    /// Whether it is time to look: once a minute, and more often where tombstones are gone sooner.
    mutating func isDue() -> Bool {
        guard isAtRisk, nextLook.hasPassed else { return false }
        let least = risks.values.map(\.margin).min() ?? 0
        nextLook = .after(.milliseconds(min(60_000, max(1_000, least / 2))))
        return true
    }

    mutating func forget(_ places: [TopicPartition]) {
        for place in places { safeSince[place] = nil }
    }
}
