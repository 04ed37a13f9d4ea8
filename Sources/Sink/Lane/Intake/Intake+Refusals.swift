import ChangeEvents
import Kafka
import Model

/// Records that cannot be taken: the lane goes on without them, or stops in front of them.
extension Intake {
    /// Puts a record that cannot be decoded aside, or has the lane stop in front of it.
    ///
    /// - Parameters:
    ///   - stage: where it failed, if that is known.
    ///   - target: where dead letters of its partition go.
    mutating func refuse(
        _ message: borrowing Message,
        at slot: Int,
        _ error: DecodeError,
        _ stage: DeadLetterHeaders.Stage?,
        target: DeadLetterTarget?,
        _ assignment: inout Assignment
    ) {
        guard configuration.errors.toleratesRecords, !error.concernsTable else {
            return raise(.record(failure(of: message, at: slot, error.description, assignment)))
        }
        let stage = stage ?? self.stage(of: message)
        let cause = DeadLetterHeaders.Cause(
            stage: stage,
            reason: error.description,
            component: stage == .transformation ? "Sink.TransformChain" : "Sink.RecordDecoder",
            error: "ChangeEvents.DecodeError"
        )
        setAside(message, at: slot, cause, target: target, &assignment)
    }

    /// Which part of a record is at fault.
    private func stage(of message: borrowing Message) -> DeadLetterHeaders.Stage {
        let texts = router.texts
        if (try? texts.withKey(message) { Self.isDamaged($0) }) ?? true { return .keyConverter }
        return (try? texts.withValue(message) { Self.isDamaged($0) }) ?? true ? .valueConverter : .put
    }

    private static func isDamaged(_ text: RawSpan?) -> Bool {
        guard let text else { return false }
        return (try? Payload.range(of: text)) == nil
    }

    /// Puts a record aside and goes past it.
    mutating func setAside(
        _ message: borrowing Message,
        at slot: Int,
        _ cause: DeadLetterHeaders.Cause,
        target: DeadLetterTarget?,
        _ assignment: inout Assignment
    ) {
        let origin = DeadLetter.Origin(place: assignment.partitions[slot].place, offset: message.offset)
        let record = target.map { target in
            ProducerRecord(
                place: target.place,
                key: message.withKey { $0?.copied },
                value: message.withValue { $0?.copied },
                headers: message.headers + target.headers(of: origin, cause),
                timestamp: message.timestamp
            )
        }
        filling.setAside(
            DeadLetter(
                place: origin.place,
                offset: origin.offset,
                reason: cause.reason,
                record: record,
                searchStart: target?.searchStart ?? 0
            )
        )
        advance(slot, past: message.offset, at: message.timestamp, &assignment)
    }

    /// Why the lane stops at a record.
    func failure(
        of message: borrowing Message,
        at slot: Int,
        _ reason: String,
        _ assignment: borrowing Assignment
    ) -> SinkError {
        .record(
            assignment.partitions[slot].place,
            offset: message.offset,
            key: message.withKey(KeyExcerpt.text),
            reason: reason
        )
    }
}
