import Kafka
import Logs
import Model
import Postgres

/// A record that a constraint keeps out as long as another partition is behind.
struct WaitingRecord {
    let offset: Int64
    let since = Moment.monotonicNow()
    var triesLeft: Int
    var nextTry: Deadline
}

/// How a row waits for the row that it refers to, or for a row to let its unique value go.
///
/// Topics and partitions have no order among each other. So a record that a foreign key or a unique
/// constraint refuses is not bad yet: its partition waits and the others go on.
extension Lane {
    /// Puts a record off, where a later try may help.
    ///
    /// - Returns: false when it must not be tried again.
    mutating func waitForOthers(
        _ refusal: Refusal,
        _ place: TopicPartition,
        _ offset: Int64
    ) throws(SinkError) -> Bool {
        guard mayPass(refusal), let slot = assignment.slot(of: place) else { return false }
        var record: WaitingRecord
        if let known = waitingRecords[slot], known.offset == offset {
            record = known
            record.triesLeft -= 1
        } else {
            let tries = configuration.retryCount
            record = WaitingRecord(offset: offset, triesLeft: tries, nextTry: .after(.zero))
            if tries > 0 {
                logger.warning(
                    "a row waits for rows of other topics",
                    metadata: ["record": "\(place)@\(offset)", "reason": "\(refusal.reason)"]
                )
            }
        }
        guard record.triesLeft > 0 else { return false }
        record.nextTry = .after(configuration.retryDelay)
        waitingRecords[slot] = record
        forgetApplying()
        division.cancel()
        try kafka { consumer throws(KafkaError) in try consumer.pause([place]) }
        try rewind()
        return true
    }

    /// Whether rows of other partitions may be what a record lacks, or what is in its way.
    ///
    /// In insert mode a unique value that is there already is most often the row itself.
    private func mayPass(_ refusal: Refusal) -> Bool {
        switch refusal.error.sqlState {
        case .foreignKeyViolation?: return true
        case .uniqueViolation?, .exclusionViolation?: return configuration.modes.insertMode != .insert
        default: return false
        }
    }

    /// Tries a record again that has waited long enough, by itself.
    mutating func retryWaiting() throws(SinkError) {
        guard !waitingRecords.isEmpty, !division.isActive, filling.isEmpty,
            let slot = waitingRecords.first(where: { $0.value.nextTry.hasPassed })?.key,
            let record = waitingRecords[slot]
        else { return }
        let partition = assignment.partitions[slot]
        try kafka { consumer throws(KafkaError) in try consumer.resume([partition.place]) }
        try rewind()
        division.retry(partition.place, partition.applied..<record.offset + 1)
        divisionEnd = .after(.seconds(30))
    }

    /// Notes how far a partition is applied.
    mutating func endWaiting(at slot: Int) {
        guard let record = waitingRecords[slot], assignment.partitions[slot].applied > record.offset else {
            return
        }
        waitingRecords[slot] = nil
        let milliseconds = (Moment.monotonicNow() - record.since) / 1_000_000
        logger.info(
            "the rows of other topics have come",
            metadata: [
                "record": "\(assignment.partitions[slot].place)@\(record.offset)",
                "milliseconds": "\(milliseconds)",
            ]
        )
    }
}
