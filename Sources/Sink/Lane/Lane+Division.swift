import Logging
import Shared

/// The search for the records that the destination refuses.
extension Lane {
    /// The server refused the batch for what is in it: smaller batches find the record, and apply what is
    /// in front of it.
    mutating func divide(_ refusal: Refusal) throws(SinkError) {
        guard division.isActive else {
            logger.warning(
                "the destination refuses a batch; dividing it",
                metadata: ["records": "\(applying.recordCount)", "reason": "\(refusal.reason)"]
            )
            let (advances, held) = (applying.advances, applying.held)
            applying.removeAll()
            // Behind the batch nothing was taken yet, so that the records in hand are the next ones.
            if !held.isEmpty, filling.isEmpty {
                assignment.rewind()
                return division.begin(with: held)
            }
            try rewind()
            return division.begin(advances)
        }
        guard division.condemnation == nil else {
            // Nothing of the record is in this batch but its dead letter.
            throw .destination(refusal.error, doing: refusal.statement)
        }
        applying.removeAll()
        // The next batch begins where this one did.
        assignment.rewind()
        guard case .alone(let held) = division.refused() else { return }
        guard configuration.errors.toleratesRecords else { throw failure(of: held.message, refusal.reason) }
        division.condemn(because: refusal.reason)
    }

    /// Makes the next batch of a division.
    mutating func refill() throws(SinkError) {
        // Only for the group's sake: what comes waits, or is fetched again.
        if nextDivisionPoll.hasPassed {
            nextDivisionPoll = .after(.seconds(1))
            if let message = try poll(0) { try take(message) }
        }
        while badRecord == nil, neededChange == nil, let held = division.next {
            try refill(with: held.message)
            if badRecord == nil, neededChange == nil { division.took() }
        }
    }

    private mutating func refill(with message: borrowing Message) throws(SinkError) {
        guard let slot = assignment.slot(of: place(of: message)) else {
            preconditionFailure("a division ends when its partitions change hands")
        }
        guard let reason = division.condemnation else { return try decode(message, from: slot) }
        let cause = DeadLetterHeaders.Cause(
            stage: .put,
            reason: reason,
            component: "Sink.Applier",
            error: "Shared.PostgresError"
        )
        setAside(message, from: slot, cause)
        advance(slot, past: message.offset)
    }

    /// Takes what came during a division.
    mutating func takeWaiting() throws(SinkError) {
        var count = 0
        while count < waiting.count, hasRoom {
            let held = waiting[count]
            guard let slot = assignment.slot(of: place(of: held.message)) else { break }
            try decode(held, from: slot)
            count += 1
        }
        waiting.removeFirst(count)
    }

    /// Decodes a record and keeps it until its batch is applied.
    mutating func decode(_ held: HeldMessage, from slot: Int) throws(SinkError) {
        let count = filling.recordCount
        try decode(held.message, from: slot)
        if filling.recordCount > count { filling.hold(held) }
    }

    /// Why the lane stops at a record.
    func failure(of message: borrowing Message, _ reason: String) -> SinkError {
        .record(
            place(of: message),
            offset: message.offset,
            key: message.withKey(KeyExcerpt.text),
            reason: reason
        )
    }

    func place(of message: borrowing Message) -> TopicPartition {
        TopicPartition(topic: consumer.topicName(message.topicIndex), partition: message.partition)
    }
}
