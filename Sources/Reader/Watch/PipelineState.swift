import Shared

/// What the pipeline does, in the words of Burrow's states.
enum PipelineState: String, Sendable {
    case ok = "OK"
    case lagging = "LAGGING"
    case stalled = "STALLED"
    case stopped = "STOPPED"
    case rewound = "REWOUND"
}

/// What was seen in one interval.
struct Observation: Sendable {
    /// Nanoseconds of the monotonic clock.
    var time: UInt64
    var sourceFailure: String?
    var destinationFailure: String?
    var brokerFailure: String?
    /// Why the connector captures nothing, `nil` where it runs or is not asked.
    var connectorFailure: String?
    var historyFailure: String?
    var recordsBehind: Int64?
    /// Age of the oldest acknowledged token that is not visible, in microseconds.
    var oldestAge: UInt64?
    /// When the sink's progress or a row last moved, in nanoseconds of the monotonic clock.
    var lastProgress: UInt64
    var rewoundRowCount = 0
}

/// Decides the state from what was seen; no clock and no I/O of its own.
struct PipelineStateMachine: Sendable {
    /// From this age of the oldest token on, in microseconds, the pipeline lags.
    var lagThreshold: UInt64 = 5_000_000
    /// Nothing moved for this long, in nanoseconds, while there was something to move: it stands still.
    var stallThreshold: UInt64 = 5_000_000_000

    private(set) var state = PipelineState.ok
    /// Why, where the state is not OK.
    private(set) var reason: String?
    /// Since when there is something to move: idle time is no standstill.
    private var busySince: UInt64?

    init(lagThreshold: UInt64 = 5_000_000, stallThreshold: UInt64 = 5_000_000_000) {
        (self.lagThreshold, self.stallThreshold) = (lagThreshold, stallThreshold)
    }

    /// Takes the next observation.
    mutating func take(_ seen: Observation) {
        let behind = seen.recordsBehind ?? 0
        let hasWork = behind > 0 || seen.oldestAge != nil
        busySince = hasWork ? busySince ?? seen.time : nil
        (state, reason) = judge(seen, behind)
    }

    private func judge(_ seen: Observation, _ behind: Int64) -> (PipelineState, String?) {
        if let failure = seen.destinationFailure { return (.stopped, "destination: \(failure)") }
        if let failure = seen.brokerFailure { return (.stopped, "broker: \(failure)") }
        if let failure = seen.sourceFailure { return (.stopped, "source: \(failure)") }
        if let failure = seen.connectorFailure { return (.stopped, failure) }
        if let failure = seen.historyFailure { return (.stopped, failure) }
        if seen.rewoundRowCount > 0 {
            return (.rewound, "destination rows that went back: \(seen.rewoundRowCount)")
        }
        if let busySince {
            let since = max(busySince, seen.lastProgress)
            if seen.time >= since, seen.time - since >= stallThreshold {
                let seconds = (seen.time - since) / 1_000_000_000
                let what =
                    behind > 0
                    ? "\(behind) records behind" : "acknowledged writes are not visible"
                return (.stalled, "\(what), nothing moved for \(seconds) s")
            }
        }
        if let age = seen.oldestAge, age > lagThreshold {
            return (.lagging, "the oldest write waits for \(age.asDuration)")
        }
        return (.ok, nil)
    }
}
