import Model

/// What the guard's loop knows from one look to the next.
struct GuardKnowledge: Sendable {
    /// The connector's configuration; `nil` where there is none, or nobody could be asked.
    var facts: ConnectorFacts?
    var state = GuardState()
    /// The timeline for which no task of a former one lives any more.
    var settled: Timeline?
    /// Whether the slot of the cleared timeline is still the one that was read from.
    var continuity = SlotContinuity()
    /// The timeline on which a gap keeps the gate closed, and the one whose gap is accepted.
    var held: Timeline?
    var accepted: Timeline?
    /// A person wants the fork repaired at which this timeline ended.
    var ordered: Timeline?
    /// Whether this guard had the lock at the last look.
    var wasActive: Bool?

    /// The session has ended: the next one may be with another leader of the same number.
    mutating func leaveLeader() {
        settled = nil
        continuity = SlotContinuity()
    }

    mutating func take(_ orders: GuardOrders.Content) {
        // What was held when it was accepted may have been cleared since.
        if let accepted = orders.accepted, accepted == held { self.accepted = accepted }
        ordered = orders.repair ?? ordered
    }

    /// The timeline was cleared: nothing is held any more.
    mutating func endHold() {
        (held, accepted) = (nil, nil)
    }
}

/// When the guard's loop does what it does not do at each look.
struct GuardTimers: Sendable {
    var restarts = RestartSchedule()
    /// When the connector is looked at next, while its timeline is cleared.
    var nextCheck = Deadline(monotonic: 0)
    var nextRepair = Deadline(monotonic: 0)

    /// The timeline was cleared: what failed before did so at a closed gate.
    mutating func cleared() {
        restarts.reset()
        nextCheck = Deadline(monotonic: 0)
        nextRepair = .after(.milliseconds(100))
    }
}
