import Kafka
import Logs
import Model
import Postgres
import Threading

/// How a lane gets a batch into the destination, whatever happens to it meanwhile.
extension Lane {
    /// Sends the batch that was filled and leaves the server to it; `settle` must follow before the connection is used
    /// again.
    mutating func launch() throws(SinkError) {
        do throws(PostgresError) {
            try delivery.launch()
        } catch {
            try carryOut(delivery.course.lost(error, doing: "send a batch"))
        }
    }

    /// Waits until the batch under way is applied, whatever that takes, or turns out to be somebody else's.
    mutating func settle() throws(SinkError) {
        guard delivery.isInFlight else { return }
        try carryOut(delivery.course.settle())
    }

    private mutating func carryOut(_ first: DeliveryCourse.Action) throws(SinkError) {
        var action = first
        while true {
            switch action {
            case .send, .readAnswer:
                do throws(PostgresError) {
                    let sends = if case .send = action { true } else { false }
                    action = delivery.course.answered(try delivery.answer(sending: sends, statistics))
                } catch {
                    action = delivery.course.lost(error, doing: "apply a batch")
                }
            case .pause(let error, let doing):
                try waitForDestination(after: error, doing: doing)
                action = delivery.course.paused()
            case .lookUp:
                let stored = try storedProgress(of: delivery.places)
                action = delivery.course.found(delivery.batch.fate(stored: stored))
            case .finish: return try finish()
            case .giveWay(let places): return try giveWay(to: places)
            case .divide(let refusal): return try divide(refusal)
            case .readCatalog(let refusal): return try rereadTables(after: refusal)
            case .stop(let error, let doing): throw .destination(error, doing: doing)
            }
        }
    }

    private mutating func finish() throws(SinkError) {
        let batch = delivery.batch.advances
        for advance in batch {
            guard let slot = membership.assignment.slot(of: advance.place) else { continue }
            membership.assignment.partitions[slot].applied = advance.next
            if !intake.waitingRecords.isEmpty { endWaiting(at: slot) }
        }
        statistics.applied(
            events: delivery.batch.recordCount,
            delivery.batch.counts,
            setAside: delivery.batch.deadLetters.count
        )
        reporter.applied(batch)
        safety.applied(batch, now: Moment.wallNow() / 1_000)
        reportDeadLetters()
        let mustFetch = intake.division.applied()
        delivery.forgetBatch()
        if mustFetch { try rewind() }
    }

    /// Another instance moved the progress: nothing of the batch was applied here.
    ///
    /// Its partitions are left alone until the group says whose they are; the others begin again at their
    /// stored offsets.
    private mutating func giveWay(to places: [TopicPartition]) throws(SinkError) {
        logger.warning(
            "another sink has moved the progress; batch dropped",
            metadata: ["partitions": "\(places.sorted().map(\.description).joined(separator: " "))"]
        )
        delivery.forgetBatch()
        reporter.failed("another sink has moved the progress", at: places)
        try membership.fence(places)
        try rewind()
    }

    /// The server refused the batch for what is in it: smaller batches find the record, and apply what is
    /// in front of it.
    private mutating func divide(_ refusal: Refusal) throws(SinkError) {
        guard intake.division.isActive else {
            logger.warning(
                "the destination refuses a batch; dividing it",
                metadata: ["records": "\(delivery.batch.recordCount)", "reason": "\(refusal.reason)"]
            )
            let advances = delivery.batch.advances
            let mustFetch = intake.beginDivision(of: delivery.batch, &membership.assignment)
            delivery.forgetBatch()
            guard mustFetch else { return }
            try rewind()
            return intake.division.begin(advances)
        }
        guard intake.division.condemnation == nil else {
            // Nothing of the record is in this batch but its dead letter.
            throw .destination(refusal.error, doing: refusal.statement)
        }
        let isKeyChange = delivery.batch.isKeyChange
        if isKeyChange, let last = delivery.batch.advances.first,
            try waitForOthers(refusal, last.place, last.next - 1)
        {
            return
        }
        delivery.forgetBatch()
        // The next batch begins where this one did.
        membership.assignment.rewind()
        guard case .alone(let record) = intake.division.refused(isKeyChange: isKeyChange) else { return }
        let place = membership.assignment.partitions[record.slot].place
        guard try !waitForOthers(refusal, place, record.message.offset) else { return }
        guard configuration.errors.toleratesRecords else {
            throw intake.failure(
                of: record.message,
                at: record.slot,
                refusal.reason,
                membership.assignment
            )
        }
        intake.division.condemn(because: refusal.reason)
    }

    /// How far these partitions are applied, in whichever lane or instance.
    ///
    /// - Parameter locks: whether a transaction of a lost connection that is still committing is waited for.
    mutating func storedProgress(
        of places: [TopicPartition],
        locks: Bool = true
    ) throws(SinkError) -> [TopicPartition: Int64] {
        let progress = delivery.progress
        return try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.load(places, locks: locks, on: connection, deadline: deadline)
        }
    }

    // MARK: Waiting for the destination

    /// Runs `body` on the destination, again and again until the destination is there.
    mutating func patiently<R>(
        _ doing: String,
        _ body: (borrowing Connection, Deadline) throws(PostgresError) -> R
    ) throws(SinkError) -> R {
        while true {
            do throws(PostgresError) {
                return try delivery.withConnection(body)
            } catch {
                try waitForDestination(after: error, doing: doing)
            }
        }
    }

    /// Waits before the next try; the consumer is polled all the while, so that the group keeps this member.
    mutating func waitForDestination(after error: PostgresError, doing: String) throws(SinkError) {
        guard error.remedy.isPatience else { throw .destination(error, doing: doing) }
        statistics.retried(error)
        reporter.failed("cannot \(doing): \(error)", at: delivery.places)
        let isNew = try membership.pause(.destination)
        if isNew || nextOutageWarning.hasPassed {
            logger.warning("the destination is away; trying again", metadata: ["error": "\(error)"])
            nextOutageWarning = .after(.seconds(30))
        }
        if isNew {
            statistics.reconnected()
            reporter.destinationWentAway()
        }
        let end = Deadline.after(delivery.nextPause())
        while !end.hasPassed {
            guard !stop.isRequested else { throw .stopped }
            if let message = try poll(min(100, end.remainingMilliseconds)) { try takeLate(message) }
            askForEnds()
            tell()
        }
    }

    /// Fetches again after the destination was away.
    mutating func noteDestination() throws(SinkError) {
        guard try membership.resume(.destination) else { return }
        reporter.destinationIsBack()
        logger.info("the destination is back")
    }
}
