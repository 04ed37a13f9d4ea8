import Logging
import Shared

/// One consumer and one connection: fetch, decode, fold, apply, commit, on one thread.
///
/// Two batches take turns: records go into `filling`; `applying` is the one that is sent, and it stays
/// until it is known to be applied or known to belong to somebody else.
struct Lane: ~Copyable {
    let configuration: SinkConfiguration
    let stop: StopSignal
    let statistics: LaneStatistics
    let logger: Logger
    let progress: ProgressTable
    var consumer: Consumer
    var destination: Destination
    var assignment = Assignment()
    var router = RecordRouter()
    var applier: Applier
    var filling = Batch()
    var applying = Batch()
    var division = BatchDivision()
    /// A record that cannot be decoded: what came before it is applied first.
    var badRecord: SinkError?
    /// What must be done to a table before the next record can be taken: what came before is applied first.
    var neededChange: TableChange?
    /// Whether the catalog was read again because the destination refused a batch for its columns or tables.
    var hasReread = false
    /// When a division gives up waiting for its records, which retention may have taken meanwhile.
    private var divisionEnd = Deadline.after(.zero)
    var commits = CommitSchedule()
    /// Whether fetching is stopped because the destination is away.
    var isPaused = false
    /// When to say that the group gives this lane nothing to do.
    var nextIdleWarning = Deadline.after(.seconds(30))

    private init(
        _ configuration: SinkConfiguration,
        consumer: consuming Consumer,
        stop: StopSignal,
        statistics: LaneStatistics,
        logger: Logger
    ) {
        self.consumer = consumer
        progress = ProgressTable(sink: configuration.name)
        destination = Destination(options: configuration.destination, progress: progress, logger: logger)
        applier = Applier(progress: progress)
        (self.configuration, self.stop, self.logger) = (configuration, stop, logger)
        self.statistics = statistics
    }

    /// - Throws: `SinkError` when librdkafka refuses a property.
    static func make(
        _ configuration: SinkConfiguration,
        index: Int,
        stop: StopSignal,
        statistics: LaneStatistics,
        logger: Logger
    ) throws(SinkError) -> Lane {
        var logger = logger
        logger[metadataKey: "lane"] = "\(index)"
        do throws(KafkaError) {
            let consumer = try Consumer.open(properties: configuration.consumerProperties)
            return Lane(configuration, consumer: consumer, stop: stop, statistics: statistics, logger: logger)
        } catch {
            throw .kafka(error)
        }
    }

    /// Runs until the stop is requested; then the batch in hand is finished and the group is left.
    mutating func run() throws(SinkError) {
        var failure: SinkError? = nil
        do throws(SinkError) {
            try requireTables()
            try join()
            while !stop.isRequested { try step() }
        } catch {
            if case .stopped = error {} else { failure = error }
        }
        leave()
        if let failure { throw failure }
    }

    /// One turn: obey the group, fill a batch, apply it.
    private mutating func step() throws(SinkError) {
        try obeyGroup()
        warnIfIdle()
        try assignment.checkFences()
        try resumeFetching()
        try fill()
        if !filling.isEmpty {
            swap(&filling, &applying)
            try apply()
            divisionEnd = .after(.seconds(30))
        } else if division.isActive, divisionEnd.hasPassed {
            division.cancel()
            try rewind()
        }
        // What came while the destination was away is in front of it, too.
        if let badRecord, filling.isEmpty { throw badRecord }
        if let neededChange, filling.isEmpty { try carryOut(neededChange) }
        commitToKafka(isFinal: false)
    }

    /// A lane without partitions looks healthy and does nothing: somebody should know.
    private mutating func warnIfIdle() {
        guard assignment.isEmpty else {
            nextIdleWarning = .after(.seconds(30))
            return
        }
        guard nextIdleWarning.hasPassed else { return }
        nextIdleWarning = .after(.seconds(60))
        logger.warning(
            "no partition was assigned: too many lanes, a missing topic, or a group that hangs",
            metadata: ["group": "\(configuration.groupID)", "topics": "\(configuration.topics)"]
        )
    }

    /// Commits what is applied, leaves the group and so hands the partitions on at once.
    private mutating func leave() {
        commitToKafka(isFinal: true)
        do throws(KafkaError) {
            try consumer.close()
        } catch {
            logger.warning("could not leave the group in order", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Records

    /// Waits a moment for a first record, then takes what is there until the batch is full.
    private mutating func fill() throws(SinkError) {
        var timeout: Int32 = 100
        let limit = division.limit ?? configuration.batchSize
        while filling.recordCount < limit, badRecord == nil, neededChange == nil {
            guard let message = try poll(timeout) else { return }
            let count = filling.recordCount
            try take(message)
            // Behind the records of a division there may be millions, which are fetched again afterwards.
            if division.isActive, count > 0, filling.recordCount == count { return }
            timeout = 0
        }
    }

    /// Says what passes by itself, and ends the lane for anything else.
    func report(_ error: KafkaError) throws(SinkError) {
        guard error.isTransient else { throw .kafka(error) }
        logger.warning("the broker reports", metadata: ["error": "\(error)"])
    }

    /// The next record; `nil` when there is none, the group wants something first, or the broker is away.
    mutating func poll(_ timeoutMilliseconds: Int32) throws(SinkError) -> Message? {
        for error in consumer.takeErrors() {
            logger.warning("connection to the brokers", metadata: ["error": "\(error)"])
        }
        do throws(KafkaError) {
            return try consumer.poll(timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            try report(error)
            return nil
        }
    }

    /// Decodes a record into the batch that is being filled.
    mutating func take(_ message: consuming Message) throws(SinkError) {
        let (topicIndex, offset, timestamp) = (message.topicIndex, message.offset, message.timestamp)
        let slot = assignment.slot(
            topicIndex: topicIndex,
            partition: message.partition,
            topic: consumer.topicName(topicIndex)
        )
        // A record that was under way when its partition was given up belongs to the next owner.
        guard let slot, assignment[slot].fencedSince == nil, badRecord == nil, neededChange == nil,
            division.admits(assignment[slot].place, offset: offset)
        else { return }
        do throws(DecodeError) {
            if try isReady(topicIndex, for: message) {
                try router.fold(topicIndex, message, into: &filling)
            } else if neededChange != nil || badRecord != nil {
                return
            }
        } catch {
            if try !askForColumns(topicIndex, message) {
                badRecord = .record(assignment[slot].place, offset: offset, reason: error.description)
            }
            return
        }
        let (place, fetched) = (assignment[slot].place, assignment[slot].fetched)
        filling.advance(slot, place, past: offset, from: fetched, at: timestamp)
        assignment[slot].fetched = offset + 1
    }

    /// Tells Kafka how far the destination is.
    ///
    /// A failure changes nothing: the next one tells it again.
    private mutating func commitToKafka(isFinal: Bool) {
        guard let offsets = commits.due(assignment.offsets, isFinal: isFinal) else { return }
        do throws(KafkaError) {
            try consumer.commit(offsets)
        } catch {
            logger.debug("offsets not committed to Kafka", metadata: ["error": "\(error)"])
        }
    }

    /// Runs a call of the consumer whose failure ends the lane.
    func kafka(_ call: (borrowing Consumer) throws(KafkaError) -> Void) throws(SinkError) {
        do throws(KafkaError) {
            try call(consumer)
        } catch {
            throw .kafka(error)
        }
    }
}
