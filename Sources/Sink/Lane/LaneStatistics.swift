import Synchronization

/// What the lanes of a sink have done, added up; written once a batch.
final class LaneStatistics: Sendable {
    private let events = Atomic<Int>(0)
    private let batches = Atomic<Int>(0)
    private let reconnects = Atomic<Int>(0)
    private let deadLetters = Atomic<Int>(0)
    private let skippedRecords = Atomic<Int>(0)

    func applied(events count: Int) {
        events.add(count, ordering: .relaxed)
        batches.add(1, ordering: .relaxed)
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

    /// One line for people.
    var summary: String {
        let (events, batches) = (events.load(ordering: .relaxed), batches.load(ordering: .relaxed))
        let lost = reconnects.load(ordering: .relaxed)
        return "applied \(events) events in \(batches) transactions"
            + (deadLetterCount == 0 ? "" : ", dead letters \(deadLetterCount)")
            + (skippedCount == 0 ? "" : ", skipped \(skippedCount)")
            + (lost == 0 ? "" : ", destination lost \(lost) \(lost == 1 ? "time" : "times")")
    }
}
