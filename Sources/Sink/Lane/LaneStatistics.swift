import Postgres
import Synchronization
import Telemetry

/// What the lanes of a sink have done, added up; written once a batch.
final class LaneStatistics: Sendable {
    private let events = Atomic<Int>(0)
    private let batches = Atomic<Int>(0)
    private let reconnects = Atomic<Int>(0)
    private let deadLetters = Atomic<Int>(0)
    private let skippedRecords = Atomic<Int>(0)
    private let more = Mutex(LaneTotals())

    /// Notes a batch that was applied.
    ///
    /// - Parameters:
    ///   - counts: what those of the events did that changed something.
    ///   - setAsideCount: records that cannot be applied.
    func applied(events count: Int, _ counts: EventCounts, setAside setAsideCount: Int = 0) {
        events.add(count, ordering: .relaxed)
        batches.add(1, ordering: .relaxed)
        more.withLock {
            $0.applied.add(counts)
            $0.ignored += count - counts.total - setAsideCount
            $0.batchSizes.record(Double(count))
        }
    }

    func reconnected() {
        reconnects.add(1, ordering: .relaxed)
    }

    func deadLettered(_ count: Int) {
        deadLetters.add(count, ordering: .relaxed)
    }

    func skipped(_ count: Int) {
        skippedRecords.add(count, ordering: .relaxed)
    }

    /// Records that could not be applied and went, or are about to go, to the dead-letter topic.
    var deadLetterCount: Int { deadLetters.load(ordering: .relaxed) }

    /// Records that could not be applied and went nowhere.
    var skippedCount: Int { skippedRecords.load(ordering: .relaxed) }

    /// Notes how long a transaction took, whatever became of it.
    func sent(nanoseconds: UInt64) {
        more.withLock { $0.applyTimes.record(Double(nanoseconds) / 1e9) }
    }

    /// Notes that something is tried again.
    func retried(_ error: PostgresError) {
        let label = error.sqlState?.classCode ?? "none"
        more.withLock { $0.retries[label, default: 0] += 1 }
    }

    func rebalanced() {
        more.withLock { $0.rebalances += 1 }
    }

    func brokerFailed() {
        more.withLock { $0.brokerErrors += 1 }
    }

    /// Records that were read and whose effect is in the destination.
    var eventCount: Int { events.load(ordering: .relaxed) }

    var batchCount: Int { batches.load(ordering: .relaxed) }

    /// How often the destination was lost.
    var reconnectCount: Int { reconnects.load(ordering: .relaxed) }

    var totals: LaneTotals { more.withLock { $0 } }

    /// One line for people.
    var summary: String {
        let (events, batches, lost) = (eventCount, batchCount, reconnectCount)
        return "applied \(events) events in \(batches) transactions"
            + (deadLetterCount == 0 ? "" : ", dead letters \(deadLetterCount)")
            + (skippedCount == 0 ? "" : ", skipped \(skippedCount)")
            + (lost == 0 ? "" : ", destination lost \(lost) \(lost == 1 ? "time" : "times")")
    }
}
