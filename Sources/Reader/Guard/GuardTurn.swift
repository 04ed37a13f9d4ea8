import Model

/// What one look at the leader leads to.
enum GuardTurn: Sendable, Equatable {
    /// Another guard has the lock: it acts, this one answers HAProxy.
    case standBy
    /// The timeline is cleared: capture is kept going.
    case keep
    /// It is not: the way to its clearance begins.
    case clear(Clearance.Beginning)

    /// What was seen in one look.
    struct Facts: Sendable, Equatable {
        var timeline: Timeline
        /// Where the log is written to.
        var written: LSN
        /// Whether this guard has the lock on the leader.
        var isActive: Bool
        /// Whether Kafka Connect has the connector.
        var hasConnector: Bool
        var connector: String
        /// What this guard knows.
        var state: GuardState
        /// What the leader's table holds.
        var stored: GuardState?
        /// The timeline whose gap a person or a snapshot makes up for.
        var accepted: Timeline?
    }

    init(_ now: Facts) {
        guard now.isActive else {
            self = .standBy
            return
        }
        // The table was read on this very node: what it says of this timeline was written by its leader.
        if now.state.clearedTimeline == now.timeline, now.stored?.clearedTimeline == now.timeline {
            self = .keep
            return
        }
        guard !now.hasConnector else {
            self = .clear(.timeline)
            return
        }
        let mayClear = now.state.allowsVacancy(on: now.timeline) || now.accepted == now.timeline
        self = .clear(
            .vacancy(
                connector: now.connector,
                cleared: mayClear ? nil : now.state.clearedTimeline,
                end: now.written
            )
        )
    }
}
