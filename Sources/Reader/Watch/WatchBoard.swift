import Shared
import Synchronization

/// What the probes have found, shared between their threads and the one that reports.
final class WatchBoard: Sendable {
    private struct Findings: Sendable {
        var lag: LagTracker
        var divergence = DivergenceTracker()
        var rewind = RewindTracker()
        var destination: [Int64: Int64] = [:]
        var progress: [Int32: SinkProgress] = [:]
        var hasDestination = false
        var ends: [Int32: Int64]?
        var failures: [PartError.Part: String] = [:]
        var connectorFailure: String?
        var lastProgress: UInt64
    }

    private let findings: Mutex<Findings>

    /// - Parameter start: when watching begins, in nanoseconds of the monotonic clock.
    init(start: UInt64) {
        findings = Mutex(Findings(lag: LagTracker(start: start), lastProgress: start))
    }

    /// A part does not answer.
    func fail(_ part: PartError.Part, _ reason: String) {
        findings.withLock { $0.failures[part] = reason }
    }

    /// Whether the connector captures, as Kafka Connect says.
    func note(connectorFailure: String?) {
        findings.withLock { $0.connectorFailure = connectorFailure }
    }

    /// The destination answered, and these writes had been acknowledged by then.
    ///
    /// Both at once: a report between the two would call writes waiting that are visible.
    func note(
        destination values: [Int64: Int64],
        progress: [Int32: SinkProgress],
        acknowledged: [Acknowledgement],
        at time: UInt64
    ) {
        findings.withLock { found in
            for write in acknowledged { found.lag.take(write) }
            found.failures[.destination] = nil
            let didMove = found.lag.see(values, at: time) || progress != found.progress
            if didMove || values != found.destination { found.lastProgress = time }
            found.rewind.see(values)
            found.destination = values
            found.progress = progress
            found.hasDestination = true
        }
    }

    /// What the destination held at its last answer; `nil` before the first one and while it is away.
    var destination: [Int64: Int64]? {
        findings.withLock { $0.hasDestination && $0.failures[.destination] == nil ? $0.destination : nil }
    }

    /// The source answered; `destination` was read before.
    func note(source: [Int64: Int64], destination: [Int64: Int64]?, at time: UInt64) {
        findings.withLock { found in
            found.failures[.source] = nil
            guard let destination else { return }
            found.divergence.compare(source: source, destination: destination, at: time)
        }
    }

    /// These writes were seen at the source.
    func note(acknowledged writes: [Acknowledgement]) {
        findings.withLock { for write in writes { $0.lag.take(write) } }
    }

    /// The broker answered with the end of each partition.
    func note(ends: [Int32: Int64]) {
        findings.withLock {
            $0.failures[.broker] = nil
            $0.ends = ends
        }
    }

    /// All that one line says, and a new interval begins; `nil` while nothing is known yet.
    ///
    /// A long history takes a while to read before the destination is asked for the first time.
    func takeInterval(at time: UInt64) -> IntervalReport? {
        findings.withLock { found in
            guard found.hasDestination || !found.failures.isEmpty else { return nil }
            let visible = found.lag.takeInterval()
            let oldestAge = found.lag.oldestAge(at: time)
            // A row may differ for as long as changes need: three times the lag of now, 2 s at least.
            let slowest = max(found.lag.total.percentile(99), visible.percentile(99))
            let (divergent, maybe) = found.divergence.counts(grace: max(3 * slowest * 1_000, 2_000_000_000))
            var behind: Int64?
            if let ends = found.ends, found.hasDestination, found.failures[.broker] == nil {
                behind = ends.reduce(0) { $0 + max(0, $1.value - (found.progress[$1.key]?.nextOffset ?? 0)) }
            }
            return IntervalReport(
                lag: visible,
                waiting: found.lag.ages(at: time),
                divergent: divergent,
                maybe: maybe,
                seen: Observation(
                    time: time,
                    sourceFailure: found.failures[.source],
                    destinationFailure: found.failures[.destination],
                    brokerFailure: found.failures[.broker],
                    connectorFailure: found.connectorFailure,
                    historyFailure: found.failures[.history],
                    recordsBehind: behind,
                    oldestAge: oldestAge,
                    lastProgress: found.lastProgress,
                    rewoundRowCount: found.rewind.rewoundRows.count
                )
            )
        }
    }

    /// The lag of the whole run, and how many writes never became visible.
    func summary() -> (lag: LatencyHistogram, waiting: UInt64) {
        findings.withLock { ($0.lag.total, $0.lag.pendingCount) }
    }
}
