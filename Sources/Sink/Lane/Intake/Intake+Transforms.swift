import ChangeEvents
import Kafka
import Model

/// The way of records through `transforms`, where there are any.
extension Intake {
    /// Takes what the transforms make of a record.
    mutating func takeTransformed(
        _ message: borrowing Message,
        at slot: Int,
        hasTable: Bool,
        _ assignment: inout Assignment
    ) -> Taking {
        switch transforms?.result(of: message, topic: assignment.partitions[slot].place.topic) {
        case .record(let record)?: return route(record, at: slot, hasTable: hasTable, &assignment)
        case .dropped?: return pass(message, at: slot, &assignment)
        case .failed(let failure)?:
            if configuration.errors.toleratesRecords {
                guard releaseHeld(at: slot, before: message, &assignment) else { return .taken }
            }
            return .refused(failure.error, failure.stage)
        case nil: return .taken
        }
    }

    /// Goes past a record that a transform dropped.
    private mutating func pass(
        _ message: borrowing Message,
        at slot: Int,
        _ assignment: inout Assignment
    ) -> Taking {
        // A delete that waits for the other half of a key change waits past its tombstone.
        if var held = heldDeletes[slot], message.isTombstone, held.recordCount == 1 {
            held.takeTombstone(at: message.offset, message.timestamp)
            heldDeletes[slot] = held
            return .taken
        }
        guard releaseHeld(at: slot, before: message, &assignment) else { return .taken }
        advance(slot, past: message.offset, at: message.timestamp, &assignment)
        return .taken
    }

    /// Takes a delete that waits as what it is by itself: what comes now is not its other half.
    private mutating func releaseHeld(
        at slot: Int,
        before message: borrowing Message,
        _ assignment: inout Assignment
    ) -> Bool {
        do throws(DecodeError) {
            if let held = heldDeletes[slot] { try release(held, at: slot, &assignment) }
            return true
        } catch {
            raise(.record(failure(of: message, at: slot, error.description, assignment)))
            return false
        }
    }
}
