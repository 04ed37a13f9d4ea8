import Logging
import Shared

/// How a lane gets a batch into the destination, whatever happens to it meanwhile.
extension Lane {
    /// Sends `applying` until it is applied, or until somebody else turns out to own one of its partitions.
    ///
    /// A transaction that ended without an answer may have committed: before it is sent again, the stored
    /// progress is read, locked, which waits for the old backend if it is still at work.
    mutating func apply() throws(SinkError) {
        var isUncertain = false
        while true {
            if isUncertain {
                switch applying.fate(stored: try storedProgress()) {
                case .applied: return try finish()
                case .notApplied: isUncertain = false
                case .taken(let places): return try fence(places)
                }
            }
            let result: Applier.Result
            do throws(PostgresError) {
                result = try send()
            } catch {
                isUncertain = true
                try waitForDestination(after: error, doing: "apply a batch")
                continue
            }
            switch result {
            case .applied: return try finish()
            case .fenced:
                // Not always somebody else: the backend of a lost connection may have been asked for this very
                // batch, and got to it only after the stored progress was read. So the progress is read again.
                isUncertain = true
            case .refused(let refusal) where refusal.isDataError: return try divide(refusal)
            case .refused(let refusal) where refusal.isOutdatedTable && !hasReread:
                return try rereadTables(after: refusal)
            case .refused(let refusal):
                guard refusal.error.isTransient else {
                    throw .destination(refusal.error, doing: refusal.statement)
                }
                try waitForDestination(after: refusal.error, doing: refusal.statement)
            }
        }
    }

    private mutating func send() throws(PostgresError) -> Applier.Result {
        var applier = applier
        defer { self.applier = applier }
        let batch = applying
        let start = Moment.monotonicNow()
        defer { statistics.sent(nanoseconds: Moment.monotonicNow() - start) }
        return try destination.withConnection { connection, deadline throws(PostgresError) in
            try applier.apply(batch, on: connection, deadline: deadline)
        }
    }

    private mutating func finish() throws(SinkError) {
        for advance in applying.advances {
            if let slot = assignment.slot(of: advance.place) { assignment[slot].applied = advance.next }
        }
        hasReread = false
        statistics.applied(events: applying.recordCount, applying.counts)
        reporter.applied(applying.advances)
        let isOver = division.applied(applying.advances)
        applying.removeAll()
        guard isOver else { return }
        logger.info("the divided batch was applied after all")
        try rewind()
    }

    /// The server refused the batch for what is in it: smaller batches find the record, and apply what is
    /// in front of it.
    private mutating func divide(_ refusal: Refusal) throws(SinkError) {
        switch division.refused(applying.advances, recordCount: applying.recordCount) {
        case .alone(let place, let offset):
            throw .record(place, offset: offset, reason: refusal.reason)
        case .divide:
            logger.warning(
                "the destination refuses a batch; dividing it",
                metadata: ["records": "\(applying.recordCount)", "reason": "\(refusal.reason)"]
            )
            applying.removeAll()
            try rewind()
        }
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
        applying.removeAll()
        division.cancel()
        for place in places {
            if let slot = assignment.slot(of: place) { assignment[slot].fencedSince = .now() }
        }
        reporter.failed("another sink has moved the progress", at: places)
        try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
        try rewind()
    }

    private mutating func storedProgress() throws(SinkError) -> [TopicPartition: Int64] {
        let (progress, places) = (progress, applying.advances.map(\.place))
        return try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.load(places, on: connection, deadline: deadline)
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
                return try destination.withConnection(body)
            } catch {
                guard error.isConnectionFailure || error.isTransient else {
                    throw .destination(error, doing: doing)
                }
                try waitForDestination(after: error, doing: doing)
            }
        }
    }

    /// Waits before the next try; the consumer is polled all the while, so that the group keeps this member.
    mutating func waitForDestination(after error: PostgresError, doing: String) throws(SinkError) {
        guard error.isConnectionFailure || error.isTransient else { throw .destination(error, doing: doing) }
        statistics.retried(error)
        reporter.failed("cannot \(doing): \(error)", at: applying.advances.map(\.place))
        if pauses.begin(.destination) {
            logger.warning("the destination is away; trying again", metadata: ["error": "\(error)"])
            statistics.reconnected()
            let places = assignment.offsets.keys
            try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
            reporter.destinationWentAway()
        }
        let end = Deadline.after(destination.nextPause())
        while !end.hasPassed {
            guard !stop.isRequested else { throw .stopped }
            if let message = try poll(min(100, end.remainingMilliseconds)) { try take(message) }
            askForEnd()
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
