import Logging
import Shared

/// A record that is kept as librdkafka delivered it.
final class HeldMessage {
    let message: Message

    init(_ message: consuming Message) {
        self.message = message
    }
}

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
            let advances = applying.advances
            applying.removeAll()
            try rewind()
            return division.begin(advances)
        }
        guard division.condemnation == nil else {
            // Nothing of the record is in this batch but its dead letter.
            throw .destination(refusal.error, doing: refusal.statement)
        }
        applying.removeAll()
        guard case .alone(let held) = division.refused() else { return }
        guard configuration.errors.toleratesRecords else { throw failure(of: held.message, refusal.reason) }
        division.condemn(because: refusal.reason)
    }

    /// Makes the next batch of a division.
    mutating func refill() throws(SinkError) {
        // Only for the group's sake: what comes is fetched again.
        if let message = try poll(0) { try take(message) }
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
