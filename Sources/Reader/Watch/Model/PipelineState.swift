import Histogram

/// What the pipeline does, in the words of Burrow's states.
enum PipelineState: String, Sendable, Codable, CaseIterable {
    case ok = "OK"
    case lagging = "LAGGING"
    case stalled = "STALLED"
    case stopped = "STOPPED"
    case rewound = "REWOUND"
}

/// What was seen in one interval.
struct Observation: Sendable {
    /// A partition in which something waits and nothing was applied.
    struct Still: Sendable, Equatable {
        var partition: Int32
        var behind: Int64
        /// Nanoseconds.
        var duration: UInt64
    }

    /// Why parts do not do what they should.
    struct Failures: Sendable, Equatable {
        var source: String?
        var destination: String?
        var broker: String?
        /// Why the slot can give nothing, such as `slot source_slot missing on leader patroni3`.
        var slot: String?
        /// Why the connector captures nothing, `nil` where it runs or is not asked.
        var connector: String?
        /// Why a sink applies nothing, `nil` where all run or none is asked.
        var sink: String?
        var history: String?
    }

    /// Nanoseconds of the monotonic clock.
    var time: UInt64
    var failures = Failures()
    var recordsBehind: Int64?
    /// Age of the oldest write or record that is known to wait, in microseconds.
    var oldestAge: UInt64?
    /// How long a change of the source waits to reach the topic, in microseconds.
    var captureAge: UInt64?
    /// How long what passed in the last interval took from the commit to the topic, and from there to the
    /// destination: medians, in microseconds; `nil` where nothing passed.
    var captureTook: UInt64?
    var applyTook: UInt64?
    /// What may be said about a standstill, such as `nobody reads slot source_slot`.
    var captureHint: String?
    /// When the sink's progress or a row last moved, in nanoseconds of the monotonic clock.
    var lastProgress: UInt64
    var still: [Still] = []
    var rewoundRowCount = 0
    var rewoundPartitions: [Int32] = []
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
        let hasWork = behind > 0 || seen.oldestAge != nil || seen.captureAge != nil
        busySince = hasWork ? busySince ?? seen.time : nil
        (state, reason) = judge(seen, behind)
    }

    private func judge(_ seen: Observation, _ behind: Int64) -> (PipelineState, String?) {
        if let failure = seen.failures.destination { return (.stopped, "destination: \(failure)") }
        if let failure = seen.failures.broker { return (.stopped, "broker: \(failure)") }
        if let failure = seen.failures.source { return (.stopped, "source: \(failure)") }
        // A connector without its slot fails: the slot is the cause.
        let stops = [seen.failures.slot, seen.failures.connector, seen.failures.sink, seen.failures.history]
        if let failure = stops.lazy.compactMap({ $0 }).first { return (.stopped, failure) }
        if !seen.rewoundPartitions.isEmpty {
            let list = seen.rewoundPartitions.map(String.init).joined(separator: ", ")
            return (.rewound, "the stored offset of partition \(list) went back")
        }
        if seen.rewoundRowCount > 0 {
            return (.rewound, "destination rows that went back: \(seen.rewoundRowCount)")
        }
        if let reason = standstill(seen, behind) { return (.stalled, reason) }
        if let age = seen.oldestAge, age > lagThreshold {
            return (.lagging, "the oldest write waits for \(age.asDuration)")
        }
        // A backlog that is worked off has no oldest that is known; what comes through tells of it.
        if let took = seen.captureTook, took > lagThreshold {
            return (.lagging, "changes take \(took.asDuration) from their commit to the topic")
        }
        if let took = seen.applyTook, took > lagThreshold {
            return (.lagging, "records take \(took.asDuration) from the topic to the destination")
        }
        return (.ok, nil)
    }

    private func standstill(_ seen: Observation, _ behind: Int64) -> String? {
        if let busySince {
            let since = max(busySince, seen.lastProgress)
            if seen.time >= since, seen.time - since >= stallThreshold {
                let seconds = (seen.time - since) / 1_000_000_000
                return "\(what(seen, behind)), nothing moved for \(seconds) s"
            }
        }
        let longest = seen.still.max { $0.duration < $1.duration }
        guard let longest, longest.duration >= stallThreshold else { return nil }
        return "partition \(longest.partition): \(longest.behind) records behind, nothing applied for "
            + "\(longest.duration / 1_000_000_000) s"
    }

    private func what(_ seen: Observation, _ behind: Int64) -> String {
        if behind > 0 { return "\(behind) records behind" }
        let hint = seen.captureHint.map { " (\($0))" } ?? ""
        if seen.captureAge != nil { return "changes of the source do not reach the topic\(hint)" }
        return "acknowledged writes are not visible\(hint)"
    }
}
