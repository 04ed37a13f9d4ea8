import Kafka
import Logs
import Model
import Postgres

/// A record that a constraint keeps out as long as another partition lags.
struct WaitingRecord {
    let offset: Int64
    let since = Moment.monotonicNow()
    var triesLeft: Int
    var nextTry: Deadline
    var awaited: AwaitedRows
}

/// What may be on its way when a record is refused for the first time: where the partitions ended whose rows it may need.
///
/// No try is spent as long as these partitions get on; one that stands still may be between two owners. Two records that wait
/// for each other keep each other's partition where it is, so that their tries are spent after a minute.
struct AwaitedRows: Equatable {
    private var ends: [TopicPartition: Int64]
    private var stored: [TopicPartition: Int64]
    /// When one of them got on, in nanoseconds of the monotonic clock.
    private var lastMove: UInt64
    /// More than a session of a group that loses a member lasts.
    private static let patience: UInt64 = 60_000_000_000

    var places: [TopicPartition] { ends.keys.sorted() }

    init(ends: [TopicPartition: Int64], stored: [TopicPartition: Int64], at now: UInt64) {
        self.ends = ends.filter { $0.value > stored[$0.key] ?? 0 }
        (self.stored, lastMove) = (stored, now)
    }

    /// Takes how far the partitions are applied now.
    ///
    /// - Returns: whether there is something to wait for: one that has not reached its end, or just did, and none of them has
    ///   stood still for too long.
    mutating func advance(to found: [TopicPartition: Int64], at now: UInt64) -> Bool {
        let moved = ends.contains { place, _ in (found[place] ?? 0) > (stored[place] ?? 0) }
        if moved { lastMove = now }
        ends = ends.filter { $0.value > found[$0.key] ?? 0 }
        stored = found
        return moved || !ends.isEmpty && now - lastMove < Self.patience
    }
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
            if try isOnTheWay(&record.awaited) {
                record.triesLeft = configuration.retryCount
            } else {
                record.triesLeft -= 1
            }
        } else {
            let tries = configuration.retryCount
            record = WaitingRecord(
                offset: offset,
                triesLeft: tries,
                nextTry: .after(.zero),
                awaited: try awaitedRows(besides: tries > 0 ? place : nil)
            )
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

    /// More partitions are not looked at: each costs a question to a broker while the lane waits.
    private static let awaitedLimit = 256

    /// How far the partitions must get that may have what a record of this one needs.
    ///
    /// - Parameter place: `nil` where nothing is tried again.
    private mutating func awaitedRows(besides place: TopicPartition?) throws(SinkError) -> AwaitedRows {
        let topics = if let place { try relatedTopics(to: place.topic) } else { [String]() }
        let deadline = Deadline.after(.seconds(2))
        var ends: [TopicPartition: Int64] = [:]
        do throws(KafkaError) {
            for topic in topics {
                for other in try consumer.partitions(
                    of: topic,
                    timeoutMilliseconds: deadline.remainingMilliseconds
                )
                where other != place && ends.count < Self.awaitedLimit && !deadline.hasPassed {
                    ends[other] =
                        try consumer.watermarks(
                            of: other,
                            timeoutMilliseconds: deadline.remainingMilliseconds
                        ).high
                }
            }
        } catch {
            // What is not known is not awaited; the tries are there.
            logger.warning("related topics were not looked at", metadata: ["error": "\(error)"])
        }
        let stored = try applied(ends.keys.sorted())
        return AwaitedRows(ends: ends, stored: stored, at: Moment.monotonicNow())
    }

    /// Topics whose tables refer to this one's, or that it refers to; all of them where records name their tables.
    private mutating func relatedTopics(to topic: String) throws(SinkError) -> [String] {
        guard let name = configuration.tableName(forTopic: topic), let table = router.table(named: name)
        else {
            return subscribed
        }
        let qualifiedName = filling.tables[table].schema.qualifiedName
        let relatives = try patiently("read foreign keys") { connection, deadline throws(PostgresError) in
            try TableReferences.relatives(of: qualifiedName, on: connection, deadline: deadline)
        }
        return subscribed.filter { other in
            guard let name = configuration.tableName(forTopic: other) else { return true }
            return relatives.contains { TargetName(name).mayBe($0) }
        }
    }

    private mutating func applied(_ places: [TopicPartition]) throws(SinkError) -> [TopicPartition: Int64] {
        guard !places.isEmpty else { return [:] }
        let progress = progress
        return try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.load(places, locks: false, on: connection, deadline: deadline)
        }
    }

    private mutating func isOnTheWay(_ rows: inout AwaitedRows) throws(SinkError) -> Bool {
        let places = rows.places
        guard !places.isEmpty else { return false }
        let found = try applied(places)
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
