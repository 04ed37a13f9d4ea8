import Kafka
import Logs
import Model
import Postgres
import Threading

/// How a lane gets a batch into the destination, whatever happens to it meanwhile.
extension Lane {
    /// Sends `applying` and leaves the server to it; `settle` must follow before the connection is used again.
    mutating func launch() throws(SinkError) {
        isInFlight = true
        launchTime = Moment.monotonicNow()
        let transaction = transaction
        // What the server would not read is not sent: `settle` divides it.
        guard transaction.refusal(of: destination.server) == nil else { return }
        do throws(PostgresError) {
            try destination.withConnection { connection, _ throws(PostgresError) in
                try transaction.send(on: connection)
            }
        } catch {
            isInFlight = false
            try waitForDestination(after: error, doing: "send a batch")
            try apply(from: .lookUp)
        }
    }

    /// Waits until the batch under way is applied, whatever that takes, or turns out to be somebody else's.
    mutating func settle() throws(SinkError) {
        guard isInFlight else { return }
        isInFlight = false
        try apply(from: .wait)
    }

    /// What to do next about a batch.
    private enum Step {
        case send
        /// It is sent: wait for the answer.
        case wait
        /// A transaction that ended without an answer may have committed: before it is sent again, the stored
        /// progress is read, locked, which waits for the old backend if it is still at work.
        case lookUp
    }

    private mutating func apply(from first: Step) throws(SinkError) {
        var step = first
        while true {
            if step == .lookUp {
                let stored = try storedProgress(of: applying.advances.map(\.place))
                switch applying.fate(stored: stored) {
                case .applied: return try finish()
                case .notApplied: step = .send
                case .taken(let places): return try fence(places)
                }
            }
            let result: BatchTransaction.Result
            do throws(PostgresError) {
                result = try perform(step)
            } catch {
                step = .lookUp
                try waitForDestination(after: error, doing: "apply a batch")
                continue
            }
            step = .send
            switch result {
            case .applied: return try finish()
            case .fenced:
                // Not always somebody else: the backend of a lost connection may have been asked for this very
                // batch, and got to it only after the stored progress was read. So the progress is read again.
                step = .lookUp
            case .refused(let refusal):
                switch refusal.error.remedy {
                case .isolateRecord: return try divide(refusal)
                case .rereadTables where !hasReread: return try rereadTables(after: refusal)
                case .retry: try waitForDestination(after: refusal.error, doing: refusal.statement)
                case .rereadTables, .reconnect, .stop:
                    throw .destination(refusal.error, doing: refusal.statement)
                }
            }
        }
    }

    private mutating func perform(_ step: Step) throws(PostgresError) -> BatchTransaction.Result {
        let transaction = transaction
        if let refusal = transaction.refusal(of: destination.server) { return .refused(refusal) }
        if step == .send { launchTime = Moment.monotonicNow() }
        let launchTime = launchTime
        defer { statistics.sent(nanoseconds: Moment.monotonicNow() - launchTime) }
        return try destination.withConnection { connection, deadline throws(PostgresError) in
            if step == .send { try transaction.send(on: connection) }
            return try transaction.finish(on: connection, deadline: deadline)
        }
    }

    private mutating func finish() throws(SinkError) {
        for advance in applying.advances {
            guard let slot = assignment.slot(of: advance.place) else { continue }
            assignment.partitions[slot].applied = advance.next
            if !waitingRecords.isEmpty { endWaiting(at: slot) }
        }
        hasReread = false
        statistics.applied(
            events: applying.recordCount,
            applying.counts,
            setAside: applying.deadLetters.count
        )
        reporter.applied(applying.advances)
        safety.applied(applying.advances, now: Moment.wallNow() / 1_000)
        reportDeadLetters()
        let mustFetch = division.applied()
        forgetApplying()
        if mustFetch { try rewind() }
    }

    /// Forgets the batch that was sent, with what was sent.
    mutating func forgetApplying() {
        applying.removeAll()
        transaction.removeAll()
    }

    /// Another instance moved the progress: nothing of the batch was applied here.
    ///
    /// Its partitions are left alone until the group says whose they are; the others begin again at their
    /// stored offsets.
    private mutating func fence(_ places: [TopicPartition]) throws(SinkError) {
        logger.warning(
            "another sink has moved the progress; batch dropped",
            metadata: ["partitions": "\(places.sorted().map(\.description).joined(separator: " "))"]
        )
        forgetApplying()
        for place in places {
            if let slot = assignment.slot(of: place) { assignment.partitions[slot].fencedSince = .now() }
        }
        reporter.failed("another sink has moved the progress", at: places)
        try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
        try rewind()
    }

    /// How far these partitions are applied, in whichever lane or instance.
    ///
    /// - Parameter locks: whether a transaction of a lost connection that is still committing is waited for.
    mutating func storedProgress(
        of places: [TopicPartition],
        locks: Bool = true
    ) throws(SinkError) -> [TopicPartition: Int64] {
        let progress = progress
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
        precondition(!isInFlight, "the connection waits for the answer to a batch")
        while true {
            do throws(PostgresError) {
                return try destination.withConnection(body)
            } catch {
                try waitForDestination(after: error, doing: doing)
            }
        }
    }

    /// Waits before the next try; the consumer is polled all the while, so that the group keeps this member.
    mutating func waitForDestination(after error: PostgresError, doing: String) throws(SinkError) {
        guard error.remedy.isPatience else { throw .destination(error, doing: doing) }
        statistics.retried(error)
        reporter.failed("cannot \(doing): \(error)", at: applying.advances.map(\.place))
        let isNew = pauses.begin(.destination)
        if isNew || nextOutageWarning.hasPassed {
            logger.warning("the destination is away; trying again", metadata: ["error": "\(error)"])
            nextOutageWarning = .after(.seconds(30))
        }
        if isNew {
            statistics.reconnected()
            let places = assignment.offsets.keys
            try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
            reporter.destinationWentAway()
        }
        let end = Deadline.after(destination.nextPause())
        while !end.hasPassed {
            guard !stop.isRequested else { throw .stopped }
            if let message = try poll(min(100, end.remainingMilliseconds)) { try takeLate(message) }
            askForEnds()
            tell()
        }
    }

    mutating func resumeFetching() throws(SinkError) {
        guard pauses.end(.destination) else { return }
        if pauses.isEmpty { try fetchAgain() }
        reporter.destinationIsBack()
        logger.info("the destination is back")
    }
}
