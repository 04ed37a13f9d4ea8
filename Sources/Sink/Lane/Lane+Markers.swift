import Kafka
import Model
import Postgres

/// What a lane does with offsets that no record has.
///
/// A transaction ends with a marker, which takes an offset and is no record; the records of an aborted one have offsets
/// and are never seen. A partition whose last offsets are such would seem to lag for ever, and when retention reaches
/// them, records would seem to be lost that never were. So what was passed is stored as well, once nothing else moves
/// the progress.
extension Lane {
    private static let interval = Duration.seconds(1)

    /// Stores positions after the last record, when nothing is in hand.
    mutating func passMarkers() throws(SinkError) {
        for (place, offset) in membership.consumer.takeReachedEnds() {
            membership.assignment.reached(offset, in: place)
        }
        guard nextPass.hasPassed, !delivery.isInFlight, !delivery.hasBatch, intake.isAtRest else { return }
        nextPass = .after(Self.interval)
        let passed = membership.assignment.passed
        guard !passed.isEmpty else { return }
        let progress = delivery.progress
        let moved = try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.pass(passed, on: connection, deadline: deadline)
        }
        // One that did not move is another instance's by now: the group or the next batch says so.
        membership.assignment.pass(moved)
    }
}
