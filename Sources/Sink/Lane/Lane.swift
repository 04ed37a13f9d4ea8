import Kafka
import Logs
import Model
import Postgres
import Threading

/// One consumer and one connection: fetch, decode, fold, apply, commit, on one thread.
///
/// Its work is that of three parts, between which it passes records, batches and answers: `Membership` (which partitions,
/// and whether they are fetched), `Intake` (records into the batch that is being filled), `Delivery` (batches into the
/// destination). The batches take turns: one is filled while the server works on the other.
struct Lane: ~Copyable {
    let configuration: SinkConfiguration
    let control: LaneControl
    let statistics: LaneStatistics
    let logger: Logger
    var membership: Membership
    var intake: Intake
    var delivery: Delivery
    var reporter = LaneReporter()
    var safety = LogSafety()
    /// When to say again that the destination or the registry is still away.
    var nextOutageWarning = Deadline.after(.zero)
    /// When to store positions after the last record again.
    var nextPass = Deadline.after(.zero)
    /// When to say that the group gives this lane nothing to do.
    private var nextIdleWarning = Deadline.after(.seconds(30))

    /// - Throws: `SinkError` when librdkafka refuses a property.
    init(
        _ configuration: SinkConfiguration,
        control: LaneControl,
        statistics: LaneStatistics,
        logger: Logger
    ) throws(SinkError) {
        var logger = logger
        logger[metadataKey: "lane"] = "\(control.index)"
        do throws(KafkaError) {
            membership = try Membership(configuration, index: control.index, logger: logger)
        } catch {
            throw .kafka(error)
        }
        intake = Intake(configuration)
        delivery = Delivery(configuration, logger: logger)
        (self.configuration, self.control) = (configuration, control)
        (self.statistics, self.logger) = (statistics, logger)
    }

    var stop: StopSignal { control.stop }

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
        // librdkafka does not end before its messages are given back.
        intake.forget()
        delivery.forgetBatch()
        membership.leave()
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
        membership.doubt.turn(at: Moment.monotonicNow())
        try obeyGroup()
        try takeAwaited()
        try watchGroup()
        try subscribeMatching()
        warnIfIdle()
        try membership.assignment.checkFences()
        try noteDestination()
        try awaitSchema()
        try obeyOrders()
        if membership.pauses.contains(.person) {
            try settle()
            return try standStill()
        }
        try watchDeletes()
        intake.releaseOldDeletes(&membership.assignment)
        try retryWaiting()
        try fill()
        try exchange()
        if !delivery.hasBatch, intake.givesUpDivision { try rewind() }
        // A division makes many, one by one: they are sent together after it.
        if !intake.division.isActive, delivery.deadLetters?.isDue == true {
            try settle()
            try sendDeadLetters()
        }
        try passBarrier()
        try passMarkers()
        membership.commit(isFinal: false)
        askForEnds()
        tell()
    }

    /// Waits for the batch under way and sends the one that was filled meanwhile.
    private mutating func exchange() throws(SinkError) {
        delivery.prepare(intake.filling)
        try settle()
        guard !intake.filling.isEmpty else { return }
        if membership.doubt.take(at: Moment.monotonicNow()) {
            try checkLog(membership.assignment.offsets, lows: [:])
        }
        delivery.take(&intake.filling)
        reporter.began(delivery.batch.advances)
        tell(hasBatch: true)
        try launch()
        if intake.mustSettle { try settle() }
        intake.divisionTimes.end = .after(.seconds(30))
    }

    /// Does what the barrier says, once what came before it is applied.
    private mutating func passBarrier() throws(SinkError) {
        // What came while the destination was away is in front of it, too.
        guard let barrier = intake.barrier, intake.filling.isEmpty else { return }
        switch barrier {
        case .record(let error): throw error
        case .change(let change): try carryOut(change)
        case .cut: try rewind()
        }
    }

    /// A lane without partitions looks healthy and does nothing: somebody should know.
    private mutating func warnIfIdle() {
        guard membership.assignment.isEmpty else {
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

    /// Waits a moment for a first record, then takes what is there until the batch is full.
    ///
    /// Nothing is waited for while a batch is under way: when there is nothing to fetch, its answer comes first.
    private mutating func fill() throws(SinkError) {
        if intake.division.isIsolating { return try refill() }
        try takeKept()
        var timeout: Int32 = delivery.isInFlight || !intake.filling.isEmpty ? 0 : 100
        while intake.hasRoom, !intake.division.isIsolating {
            guard let message = try poll(timeout) else { return }
            let heldCount = intake.division.heldCount
            try take(message)
            if delivery.isInFlight, intake.filling.recordCount & 0xFF == 0 { delivery.pushOut() }
            // After the records of a division there may be millions, which are fetched again afterwards.
            if intake.division.isActive, heldCount > 0, intake.division.heldCount == heldCount { return }
            timeout = 0
        }
    }

    /// Forgets what was fetched and goes on at the stored offsets.
    mutating func rewind() throws(SinkError) {
        precondition(!delivery.isInFlight, "the stored offsets are about to move")
        intake.forget()
        try membership.rewind()
    }
}
