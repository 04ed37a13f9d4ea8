import ChangeEvents
import Kafka
import Logs
import Model

/// How records come to the intake, and get what they lack.
extension Lane {
    /// What connections failed for since the last call; it is told.
    mutating func connectionErrors() -> [KafkaError] {
        let errors = membership.consumer.takeErrors()
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
            return try membership.consumer.poll(timeoutMilliseconds: timeoutMilliseconds)
        } catch {
            try membership.report(error)
            return nil
        }
    }

    /// Takes a record into the batch that is being filled, or keeps it for a division.
    mutating func take(_ message: consuming Message) throws(SinkError) {
        guard let slot = membership.slot(of: message) else { return }
        guard !intake.keepsRecords else { return try take(HeldMessage(message, slot: slot)) }
        let (offset, fetched) = (message.offset, membership.assignment.fetched(slot))
        while intake.admits(offset, at: slot, fetched: fetched, membership.assignment) {
            let taking = intake.take(message, at: slot, &membership.assignment)
            if try finish(taking, of: message, at: slot) { return }
            // A division that began meanwhile fetches it again.
            if intake.division.isActive { return }
        }
    }

    /// Takes a record that is kept until its batch is applied.
    private mutating func take(_ record: HeldMessage) throws(SinkError) {
        let fetched = membership.assignment.fetched(record.slot)
        while intake.admit(record, fetched: fetched, membership.assignment) {
            let count = intake.filling.recordCount
            let taking = intake.take(record.message, at: record.slot, &membership.assignment)
            guard try finish(taking, of: record.message, at: record.slot) else { continue }
            return intake.hold(record, after: count)
        }
    }

    /// Takes a record that is kept already, and so is the next of its partition.
    private mutating func takeAgain(_ record: HeldMessage) throws(SinkError) {
        while intake.barrier == nil {
            let count = intake.filling.recordCount
            let taking = intake.take(record.message, at: record.slot, &membership.assignment)
            guard try finish(taking, of: record.message, at: record.slot) else { continue }
            return intake.hold(record, after: count)
        }
    }

    /// Gets what a record lacks, or puts it aside.
    ///
    /// - Returns: whether the record is dealt with; otherwise it must be offered again.
    private mutating func finish(
        _ taking: Intake.Taking,
        of message: borrowing Message,
        at slot: Int
    ) throws(SinkError) -> Bool {
        switch taking {
        case .taken: return true
        case .refused(let error, let stage):
            refuse(message, at: slot, error, stage)
            return true
        case .needs(let need):
            intake.hasRecordInHand = true
            defer { intake.hasRecordInHand = false }
            switch need {
            case .schema(let text, let id): return try !getSchema(text, id)
            case .table(let route): return try getTable(route, for: message, at: slot)
            }
        }
    }

    mutating func refuse(
        _ message: borrowing Message,
        at slot: Int,
        _ error: DecodeError,
        _ stage: DeadLetterHeaders.Stage?
    ) {
        let target = deadLetterTarget(at: slot)
        intake.refuse(message, at: slot, error, stage, target: target, &membership.assignment)
    }

    private func deadLetterTarget(at slot: Int) -> DeadLetterTarget? {
        delivery.deadLetters?.target(of: membership.assignment.partitions[slot].place, lane: control.index)
    }

    /// Takes a record that came although nothing is fetched: it was on its way.
    ///
    /// Where the batch is full, or another record is in hand, it is let go, and fetched again once the batch is applied.
    mutating func takeLate(_ message: consuming Message) throws(SinkError) {
        // A division keeps what comes, and decodes nothing of it.
        guard intake.division.isActive || intake.hasRoom && !intake.hasRecordInHand else {
            return intake.raise(.cut)
        }
        try take(message)
    }

    /// Makes the next batch of a division.
    mutating func refill() throws(SinkError) {
        // Only for the group's sake: what comes waits, or is fetched again.
        if intake.divisionTimes.nextPoll.hasPassed {
            intake.divisionTimes.nextPoll = .after(.seconds(1))
            if let message = try poll(0) { try take(message) }
        }
        while let record = intake.nextOfDivision(&membership.assignment) {
            if let reason = intake.division.condemnation {
                let cause = DeadLetterHeaders.Cause(
                    stage: .put,
                    reason: reason,
                    component: "Sink.BatchTransaction",
                    error: "Postgres.PostgresError"
                )
                let target = deadLetterTarget(at: record.slot)
                intake.setAside(
                    record.message,
                    at: record.slot,
                    cause,
                    target: target,
                    &membership.assignment
                )
            } else {
                try takeAgain(record)
            }
            intake.tookOfDivision()
        }
    }

    /// Takes what came during a division.
    mutating func takeKept() throws(SinkError) {
        guard !intake.kept.isEmpty else { return }
        // A new table needs the connection, and the answer that is under way may change what is kept.
        try settle()
        guard !intake.division.isActive else { return }
        var count = 0
        while count < intake.kept.count, intake.hasRoom {
            try takeAgain(intake.kept[count])
            count += 1
        }
        intake.removeKept(count)
    }
}
