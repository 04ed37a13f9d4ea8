import ChangeEvents
import Kafka

/// The way of records through `transforms`, where there are any.
extension Lane {
    /// The topic that a number of a record stands for.
    func topicName(_ index: Int) -> String {
        transforms?.topics[index] ?? consumer.topicName(index)
    }

    /// Whether the content of records, and not only their topic, may say which table they go to.
    var namesTablesByContent: Bool { configuration.transforms?.routesByContent ?? false }

    /// Whether a record's table has yet to be looked up.
    mutating func isNew(_ message: borrowing Message) -> Bool {
        guard transforms != nil else { return router.isNew(message.topicIndex, message) }
        guard case .record(let record)? = result(of: message) else { return false }
        return router.isNew(record.topicIndex, record)
    }

    private mutating func result(of message: borrowing Message) -> TransformStage.Result? {
        let topic = consumer.topicName(message.topicIndex)
        return transforms?.result(of: message, topic: topic)
    }

    /// Takes what the transforms make of a record.
    mutating func transform(_ message: borrowing Message, from slot: Int) throws(SinkError) {
        switch result(of: message) {
        case .record(let record)?: try decode(record, of: message, from: slot)
        case .dropped?: pass(message, from: slot)
        case .failed(let failure)?:
            guard configuration.errors.toleratesRecords else {
                badRecord = self.failure(of: message, failure.error.description)
                return
            }
            guard releaseHeld(at: slot, before: message) else { return }
            setAside(message, from: slot, failure.error, in: failure.stage)
            advance(slot, past: message.offset, at: message.timestamp)
        case nil: break
        }
    }

    /// Goes past a record that a transform dropped.
    private mutating func pass(_ message: borrowing Message, from slot: Int) {
        // A delete that waits for the other half of a key change waits past its tombstone.
        if var held = heldDeletes[slot], message.withValue({ $0 == nil }), held.next == held.offset + 1 {
            held.next = message.offset + 1
            held.timestamp = message.timestamp
            heldDeletes[slot] = held
            return
        }
        guard releaseHeld(at: slot, before: message) else { return }
        advance(slot, past: message.offset, at: message.timestamp)
    }

    /// Takes a delete that waits as what it is by itself: what comes now is not its other half.
    private mutating func releaseHeld(at slot: Int, before message: borrowing Message) -> Bool {
        do throws(DecodeError) {
            if let held = heldDeletes[slot] { try release(held, at: slot) }
            return true
        } catch {
            badRecord = failure(of: message, error.description)
            return false
        }
    }
}
