import Kafka
import Logs
import Model
import Postgres

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
        guard mayPass(refusal), let slot = membership.assignment.slot(of: place) else { return false }
        let tries = configuration.retryCount
        var record: WaitingRecord
        if let known = intake.waitingRecords[slot], known.offset == offset {
            record = known
            record.refused(isOnTheWay: try isOnTheWay(&record.awaited), tries: tries)
        } else {
            let awaited = tries > 0 ? try awaitedRows(besides: place) : .nothing
            record = WaitingRecord(offset: offset, tries: tries, awaited: awaited)
            if tries > 0 {
                logger.warning(
                    "a row waits for rows of other topics",
                    metadata: ["record": "\(place)@\(offset)", "reason": "\(refusal.reason)"]
                )
            }
        }
        guard record.triesLeft > 0 else { return false }
        record.putOff(for: configuration.retryDelay)
        intake.waitingRecords[slot] = record
        delivery.forgetBatch()
        intake.division.cancel()
        try membership.kafka { consumer throws(KafkaError) in try consumer.pause([place]) }
        try rewind()
        return true
    }

    /// More partitions are not looked at: each costs a question to a broker while the lane waits.
    private static let awaitedLimit = 256

    /// How far the partitions must get that may have what a record of this one needs.
    private mutating func awaitedRows(besides place: TopicPartition) throws(SinkError) -> AwaitedRows {
        let topics = try relatedTopics(to: place.topic)
        let deadline = Deadline.after(.seconds(2))
        var ends: [TopicPartition: Int64] = [:]
        do throws(KafkaError) {
            for topic in topics where ends.count < Self.awaitedLimit && !deadline.hasPassed {
                for other in try membership.consumer.partitions(
                    of: topic,
                    timeoutMilliseconds: deadline.remainingMilliseconds
                )
                where other != place && ends.count < Self.awaitedLimit && !deadline.hasPassed {
                    ends[other] =
                        try membership.consumer.watermarks(
                            of: other,
                            timeoutMilliseconds: deadline.remainingMilliseconds
                        ).high
                }
            }
        } catch {
            // What is not known is not awaited; the tries are there.
            logger.warning("related topics were not looked at", metadata: ["error": "\(error)"])
        }
        guard !ends.isEmpty else { return .nothing }
        let stored = try storedProgress(of: ends.keys.sorted(), locks: false)
        return AwaitedRows(ends: ends, stored: stored, at: Moment.monotonicNow())
    }

    /// Topics whose tables refer to this one's, or that it refers to; all of them where records name their tables.
    private mutating func relatedTopics(to topic: String) throws(SinkError) -> [String] {
        guard let name = configuration.tableName(forTopic: topic),
            let table = intake.router.table(named: name)
        else {
            return membership.subscription.topics
        }
        let qualifiedName = intake.filling.tables[table].schema.qualifiedName
        let relatives = try patiently("read foreign keys") { connection, deadline throws(PostgresError) in
            try TableReferences.relatives(of: qualifiedName, on: connection, deadline: deadline)
        }
        return membership.subscription.topics.filter { other in
            guard let name = configuration.tableName(forTopic: other) else { return true }
            return relatives.contains { TargetName(name).mayBe($0) }
        }
    }

    private mutating func isOnTheWay(_ rows: inout AwaitedRows) throws(SinkError) -> Bool {
        let places = rows.places
        guard !places.isEmpty else { return false }
        let found = try storedProgress(of: places, locks: false)
        return rows.advance(to: found, at: Moment.monotonicNow())
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
        guard !intake.waitingRecords.isEmpty, !intake.division.isActive, intake.filling.isEmpty,
            let slot = intake.waitingRecords.first(where: { $0.value.nextTry.hasPassed })?.key,
            let record = intake.waitingRecords[slot]
        else { return }
        let partition = membership.assignment.partitions[slot]
        try membership.kafka { consumer throws(KafkaError) in try consumer.resume([partition.place]) }
        try rewind()
        intake.division.retry(partition.place, partition.applied..<record.offset + 1)
        intake.divisionTimes.end = .after(.seconds(30))
    }

    /// Notes how far a partition is applied.
    mutating func endWaiting(at slot: Int) {
        let partition = membership.assignment.partitions[slot]
        guard let record = intake.waitingRecords[slot], partition.applied > record.offset else { return }
        intake.waitingRecords[slot] = nil
        let milliseconds = (Moment.monotonicNow() - record.since) / 1_000_000
        logger.info(
            "the rows of other topics have come",
            metadata: [
                "record": "\(partition.place)@\(record.offset)",
                "milliseconds": "\(milliseconds)",
            ]
        )
    }
}
