import ChangeEvents
import Kafka
import Logs
import Model
import Threading

/// One consumer and one connection: fetch, decode, fold, apply, commit, on one thread.
///
/// Two batches take turns: records go into `filling` while the server works on `applying`, which stays until
/// it is known to be applied or known to belong to somebody else. Each has its transaction, encoded.
struct Lane: ~Copyable {
    let configuration: SinkConfiguration
    let control: LaneControl
    let statistics: LaneStatistics
    let logger: Logger
    let progress: ProgressTable
    var consumer: Consumer
    var destination: Destination
    var assignment = Assignment()
    var router: RecordRouter
    /// `nil` where records are applied as they come.
    var transforms: TransformStage?
    var filling = Batch()
    var applying = Batch()
    private var nextTransaction: BatchTransaction
    var transaction: BatchTransaction
    /// Whether `applying` is sent and its answer is not read yet: the connection can do nothing else meanwhile.
    var isInFlight = false
    /// When `applying` was sent, in monotonic nanoseconds.
    var launchTime: UInt64 = 0
    var division = BatchDivision<HeldMessage>()
    /// What was fetched during a division whose records were kept.
    var waiting: [HeldMessage] = []
    /// When the consumer is polled again during a division.
    var nextDivisionPoll = Deadline.after(.zero)
    /// `nil` when there is no dead-letter topic.
    var deadLetters: DeadLetterQueue?
    /// A record that cannot be decoded: what came before it is applied first.
    var badRecord: SinkError?
    /// What must be done to a table before the next record can be taken: what came before is applied first.
    var neededChange: TableChange?
    /// Deletes that wait for the other half of a key change, by the partition's slot.
    var heldDeletes: [Int: HeldDelete] = [:]
    /// Whether what is in hand must be applied, and what comes then fetched anew.
    var isCut = false
    /// Whether a record is being taken: what it waits for must let no other one in front of it.
    var hasRecordInHand = false
    /// Records that wait for rows of other partitions, by the partition's slot.
    var waitingRecords: [Int: WaitingRecord] = [:]
    /// Whether the catalog was read again because the destination refused a batch for its columns or tables.
    var hasReread = false
    /// When a division gives up waiting for its records, which retention may have taken meanwhile.
    var divisionEnd = Deadline.after(.zero)
    var commits = CommitSchedule()
    /// The topics that the group was joined for.
    var subscribed: [String] = []
    /// When to look for topics that match `topics.regex` and were not there before.
    var nextTopicLook = Deadline.after(.zero)
    /// Why nothing is fetched.
    var pauses = FetchPauses()
    /// Whether the partitions' logs are to be looked at before the next batch is sent.
    var doubt = LogDoubt()
    var reporter = LaneReporter()
    var safety = LogSafety()
    /// Which partitions' leaders answer.
    var leaders = LeaderWatch()
    /// The schema without which nothing goes on.
    var awaitedSchema: AwaitedSchema?
    /// Whether each partition is some member's.
    var groupWatch = GroupWatch()
    /// When to say again that the destination is still away.
    var nextOutageWarning = Deadline.after(.zero)
    /// When to store positions after the last record again.
    var nextPass = Deadline.after(.zero)
    /// When to say that the group gives this lane nothing to do.
    var nextIdleWarning = Deadline.after(.seconds(30))

    private init(
        _ configuration: SinkConfiguration,
        consumer: consuming Consumer,
        control: LaneControl,
        statistics: LaneStatistics,
        logger: Logger
    ) {
        self.consumer = consumer
        progress = configuration.progressTable
        deadLetters = DeadLetterQueue(configuration)
        let table = configuration.deadLetterTable
        destination = Destination(
            options: configuration.destination,
            progress: progress,
            deadLetters: table,
            logger: logger
        )
        nextTransaction = BatchTransaction(progress: progress, deadLetters: table)
        transaction = BatchTransaction(progress: progress, deadLetters: table)
        let texts = RecordTexts(configuration.converters, scope: configuration.eventScope)
        router = RecordRouter(
            sourceFields: configuration.tableNameFormat.sourceFields,
            takesEnvelopes: configuration.modes.recordForm != .row,
            texts: texts
        )
        transforms = configuration.transforms.map {
            TransformStage($0, texts: texts)
        }
        (self.configuration, self.control, self.logger) = (configuration, control, logger)
        self.statistics = statistics
    }

    var stop: StopSignal { control.stop }

    /// Memory that a batch may take and still be encoded while the one before is under way.
    private static let largeByteCount = 8 << 20

    /// - Throws: `SinkError` when librdkafka refuses a property.
    static func make(
        _ configuration: SinkConfiguration,
        control: LaneControl,
        statistics: LaneStatistics,
        logger: Logger
    ) throws(SinkError) -> Lane {
        var logger = logger
        logger[metadataKey: "lane"] = "\(control.index)"
        do throws(KafkaError) {
            let consumer = try Consumer.open(properties: configuration.memberProperties(lane: control.index))
            return Lane(
                configuration,
                consumer: consumer,
                control: control,
                statistics: statistics,
                logger: logger
            )
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
            while !stop.isRequested { try stepOrJoinAgain() }
            try settle()
        } catch {
            if case .stopped = error {} else { failure = error }
        }
        leave()
        if let failure { throw failure }
    }

    /// One turn, or another try to join where the brokers still count a member of this one's name that has died.
    private mutating func stepOrJoinAgain() throws(SinkError) {
        do throws(SinkError) {
            try step()
        } catch {
            guard case .kafka(let reason) = error, isNameTaken(reason) else { throw error }
            try joinAgain(reason)
        }
    }

    /// One turn: obey the group, fill a batch while the one before is under way, send it.
    private mutating func step() throws(SinkError) {
        doubt.turn(at: Moment.monotonicNow())
        try obeyGroup()
        try takeAwaited()
        try watchGroup()
        try subscribeMatching()
        warnIfIdle()
        try assignment.checkFences()
        try resumeFetching()
        try awaitSchema()
        try obeyOrders()
        if pauses.contains(.person) {
            try settle()
            return try standStill()
        }
        try watchDeletes()
        try releaseOldDeletes()
        try retryWaiting()
        try fill()
        try exchange()
        if applying.isEmpty, division.isActive, !division.isIsolating, divisionEnd.hasPassed {
            try rewind()
        }
        // A division makes many, one by one: they are sent together after it.
        if !division.isActive, deadLetters?.isDue == true {
            try settle()
            try sendDeadLetters()
        }
        // What came while the destination was away is in front of it, too.
        if let badRecord, filling.isEmpty { throw badRecord }
        if let neededChange, filling.isEmpty { try carryOut(neededChange) }
        if isCut, filling.isEmpty { try rewind() }
        try passMarkers()
        commitToKafka(isFinal: false)
        askForEnds()
        tell()
    }

    /// Waits for the batch under way and sends the one that was filled meanwhile.
    private mutating func exchange() throws(SinkError) {
        // A large batch is encoded when the one before is gone, so that memory has each of them once.
        let isLarge = filling.byteCount > Self.largeByteCount
        let encodedCount = isLarge ? 0 : filling.recordCount
        if encodedCount > 0 { nextTransaction.encode(filling) }
        try settle()
        guard !filling.isEmpty else { return }
        if doubt.take(at: Moment.monotonicNow()) { try checkLog(assignment.offsets, lows: [:]) }
        // While the destination was away more may have come.
        if filling.recordCount != encodedCount { nextTransaction.encode(filling) }
        swap(&filling, &applying)
        swap(&nextTransaction, &transaction)
        if isLarge { applying.forgetRows() }
        reporter.began(applying.advances)
        tell(hasBatch: true)
        try launch()
        // What follows depends on what becomes of a part of a divided batch, and of what is in front of an end.
        if division.isActive || badRecord != nil || neededChange != nil || isCut || !waitingRecords.isEmpty {
            try settle()
        }
        divisionEnd = .after(.seconds(30))
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
            metadata: ["group": "\(configuration.groupID)", "topics": "\(configuration.selection)"]
        )
    }

    /// Commits what is applied, leaves the group and so hands the partitions on at once.
    private mutating func leave() {
        commitToKafka(isFinal: true)
        // librdkafka does not end before its messages are given back.
        waiting.removeAll()
        division.cancel()
        filling.removeAll()
        applying.removeAll()
        do throws(KafkaError) {
            try consumer.close()
        } catch {
            logger.warning("could not leave the group in order", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Records

    /// Waits a moment for a first record, then takes what is there until the batch is full.
    ///
    /// Nothing is waited for while a batch is under way: when there is nothing to fetch, its answer comes first.
    private mutating func fill() throws(SinkError) {
        if division.isIsolating { return try refill() }
        try takeWaiting()
        var timeout: Int32 = isInFlight || !filling.isEmpty ? 0 : 100
        while hasRoom, !division.isIsolating {
            guard let message = try poll(timeout) else { return }
            let heldCount = division.heldCount
            try take(message)
            if isInFlight, filling.recordCount & 0xFF == 0 { destination.pushOut() }
            // After the records of a division there may be millions, which are fetched again afterwards.
            if division.isActive, heldCount > 0, division.heldCount == heldCount { return }
            timeout = 0
        }
    }

    /// Whether the batch that is being filled takes another record.
    var hasRoom: Bool {
        configuration.limits.haveRoom(in: filling) && badRecord == nil && neededChange == nil && !isCut
    }

    /// Says what passes by itself, and ends the lane for anything else.
    func report(_ error: KafkaError) throws(SinkError) {
        guard error.isTransient else { throw .kafka(error) }
        logger.warning("the broker reports", metadata: ["error": "\(error)"])
    }

    /// What connections failed for since the last call; it is told.
    mutating func connectionErrors() -> [KafkaError] {
        let errors = consumer.takeErrors()
        for error in errors {
            logger.warning("connection to the brokers", metadata: ["error": "\(error)"])
            reporter.noteBrokers(error)
            statistics.brokerFailed()
        }
        return errors
    }

    /// The next record; `nil` when there is none, the group wants something first, or the broker is away.
    mutating func poll(_ timeoutMilliseconds: Int32) throws(SinkError) -> Message? {
        for error in connectionErrors() where error.exceedsLimit { throw .kafka(error) }
        do throws(KafkaError) {
            return try consumer.poll(timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            try report(error)
            return nil
        }
    }

    /// Takes a record that came although nothing is fetched: it was on its way.
    ///
    /// Where the batch is full, or another record is in hand, it is let go, and fetched again once the batch is applied.
    mutating func takeLate(_ message: consuming Message) throws(SinkError) {
        // A division keeps what comes, and decodes nothing of it.
        guard division.isActive || hasRoom && !hasRecordInHand else {
            isCut = true
            return
        }
        try take(message)
    }

    /// Takes a record into the batch that is being filled, or holds it for a division.
    mutating func take(_ message: consuming Message) throws(SinkError) {
        let hadRecordInHand = hasRecordInHand
        hasRecordInHand = true
        defer { hasRecordInHand = hadRecordInHand }
        let (topicIndex, offset) = (message.topicIndex, message.offset)
        let slot = assignment.slot(
            topicIndex: topicIndex,
            partition: message.partition,
            topic: consumer.topicName(topicIndex)
        )
        guard let slot else { return }
        let fetched = assignment.fetched(slot)
        if !division.isActive {
            guard try hasSchemas(message) else { return }
        }
        // A new table's description is read on the connection, which is in use; the answer may be a rewind.
        if isInFlight, isNew(message) { try settle() }
        // A record that was under way when its partition was given up belongs to the next owner, and one that
        // was under way when its partition was rewound comes again.
        let isKept = division.isActive && !division.isRefetched
        guard assignment.admits(slot), badRecord == nil, neededChange == nil, !isCut,
            isKept || assignment.fetched(slot) == fetched, offset >= assignment.fetched(slot),
            waitingRecords.isEmpty || division.isActive || waitingRecords[slot] == nil
        else { return }
        guard division.isActive || configuration.errors.toleratesRecords else {
            return try decode(message, from: slot)
        }
        let place = assignment.partitions[slot].place
        let isAwaited = division.admits(place, offset: offset)
        if division.isActive, division.isRefetched, !isAwaited { return }
        let byteCount = message.byteCount
        let held = HeldMessage(message)
        if isAwaited {
            division.hold(held, place, offset: offset, byteCount: byteCount)
        } else if division.isActive || !waiting.isEmpty {
            keep(held)
        } else {
            try decode(held, from: slot)
        }
    }

    /// Decodes a record into the batch that is being filled; one that cannot be decoded is put aside, or stops
    /// the lane.
    mutating func decode(_ message: borrowing Message, from slot: Int) throws(SinkError) {
        guard try hasSchemas(message) else { return }
        guard transforms == nil else { return try transform(message, from: slot) }
        try decode(message, of: message, from: slot)
    }

    /// Decodes what became of a message.
    ///
    /// - Parameter record: the message itself, or what the transforms made of it.
    mutating func decode(
        _ record: borrowing some RecordView & ~Copyable,
        of message: borrowing Message,
        from slot: Int
    ) throws(SinkError) {
        var route: Int? = nil
        do throws(DecodeError) {
            route = try self.route(of: record, record.topicIndex)
            if !heldDeletes.isEmpty {
                guard try !meet(record, route, at: slot) else { return }
            }
            if let route {
                guard try fold(record, route, at: slot) else { return }
            } else if neededChange != nil || badRecord != nil {
                return
            }
        } catch {
            if try askForColumns(route, record) { return }
            guard configuration.errors.toleratesRecords, !error.concernsTable else {
                badRecord = failure(of: message, error.description)
                return
            }
            setAside(message, from: slot, error)
        }
        advance(slot, past: message.offset, at: message.timestamp)
    }

    /// Counts a record that is in the batch.
    ///
    /// - Parameter timestamp: when it was produced, in milliseconds since 1970.
    mutating func advance(_ slot: Int, past offset: Int64, at timestamp: Int64?) {
        if !filling.advance(slot, past: offset, at: timestamp) {
            filling.advance(
                slot,
                assignment.partitions[slot].place,
                past: offset,
                from: assignment.partitions[slot].fetched,
                at: timestamp
            )
        }
        assignment.partitions[slot].fetched = offset + 1
    }

    /// Tells Kafka how far the destination is.
    ///
    /// A failure changes nothing: the next one tells it again.
    private mutating func commitToKafka(isFinal: Bool) {
        guard let offsets = commits.due(assignment.offsets, isFinal: isFinal) else { return }
        do throws(KafkaError) {
            try consumer.commit(offsets, note: CommittedOffset.ownNote)
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
