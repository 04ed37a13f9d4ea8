import Model

/// What a cleared timeline asks for at a look, in this order.
enum Upkeep: Sendable, Equatable {
    /// The connector runs again: the guard had stopped it.
    case resume
    /// Repairs that are done are forgotten.
    case forget([GuardState.Repair])
    /// A person wants the fork repaired at which this timeline ended.
    case note(Timeline)
    /// The phantoms of the oldest fork are put right.
    case repair
    /// The connector is looked at, and what failed is restarted.
    case check

    /// What is known when a look comes by.
    struct Facts: Sendable, Equatable {
        /// The guard has stopped the connector.
        var hasStopped = false
        var done: [GuardState.Repair] = []
        var ordered: Timeline?
        /// A thread puts phantoms right, or has just ended.
        var isRepairDue = false
        var isCheckDue = false
    }

    static func steps(_ now: Facts) -> [Upkeep] {
        var steps: [Upkeep] = []
        if now.hasStopped { steps.append(.resume) }
        if !now.done.isEmpty { steps.append(.forget(now.done)) }
        if let ordered = now.ordered { steps.append(.note(ordered)) }
        if now.isRepairDue { steps.append(.repair) }
        if now.isCheckDue { steps.append(.check) }
        return steps
    }
}
