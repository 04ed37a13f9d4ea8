import Kafka
import Logs
import Model
import Postgres

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
            let held = applying.held.map { (place: place(of: $0.message), record: $0) }
            forgetApplying()
            // With the records kept there is nothing to fetch: what was taken after the batch waits.
            if !held.isEmpty, heldDeletes.isEmpty, !isCut, filling.held.count == filling.recordCount {
                waiting.insert(contentsOf: filling.held, at: 0)
                filling.removeAll()
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
        let isKeyChange = applying.isKeyChange
        if isKeyChange, let last = applying.advances.first,
            try waitForOthers(refusal, last.place, last.next - 1)
        {
            return
        }
        forgetApplying()
        // The next batch begins where this one did.
        assignment.rewind()
        guard case .alone(let held) = division.refused(isKeyChange: isKeyChange) else { return }
        guard try !waitForOthers(refusal, place(of: held.message), held.message.offset) else { return }
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
        while badRecord == nil, neededChange == nil, !isCut,
            filling.isEmpty || configuration.limits.haveRoom(in: filling), let held = try nextOfDivision()
        {
            try refill(with: held.message)
            if badRecord == nil, neededChange == nil, !isCut { division.took() }
        }
    }

    /// The next record of the batch that is being made.
    ///
    /// The records of a key change are a batch by themselves, however small it is to be.
    private mutating func nextOfDivision() throws(SinkError) -> HeldMessage? {
        if heldDeletes.isEmpty {
            guard let next = division.next else { return nil }
            return !filling.isEmpty && beginsKeyChange(next.message) ? nil : next
        }
        // The other half may be in another partition: there it is found by itself.
        guard let following = division.following, let slot = assignment.slot(of: following.place),
            heldDeletes[slot] != nil
        else {
            try releaseDeletes { _ in true }
            return heldDeletes.isEmpty ? division.next : nil
        }
        return following.record
    }

    private mutating func refill(with message: borrowing Message) throws(SinkError) {
        guard let slot = assignment.slot(of: place(of: message)) else {
            preconditionFailure("a division ends when its partitions change hands")
        }
        guard let reason = division.condemnation else { return try decode(message, from: slot) }
        let cause = DeadLetterHeaders.Cause(
            stage: .put,
            reason: reason,
            component: "Sink.BatchTransaction",
            error: "Postgres.PostgresError"
        )
        setAside(message, from: slot, cause)
        advance(slot, past: message.offset, at: message.timestamp)
    }

    /// Takes what came during a division.
    mutating func takeWaiting() throws(SinkError) {
        guard !waiting.isEmpty else { return }
        // A new table needs the connection, and the answer that is under way may change what waits.
        try settle()
        guard !division.isActive else { return }
        hasRecordInHand = true
        defer { hasRecordInHand = false }
        var count = 0
        while count < waiting.count, hasRoom {
            let held = waiting[count]
            guard let slot = assignment.slot(of: place(of: held.message)) else { break }
            try decode(held, from: slot)
            count += 1
        }
        waiting.removeFirst(count)
    }

    /// Keeps a record that came during a division; those that are too many are let go, and fetched again.
    mutating func keep(_ held: HeldMessage) {
        waiting.append(held)
        let byteCount = waiting.reduce(0) { $0 + $1.message.byteCount }
        guard division.isActive, byteCount > BatchDivision<HeldMessage>.heldByteLimit else { return }
        waiting.removeAll()
        division.letGoOfTheRest()
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
