import Kafka
import Model

/// The records of a batch that the server refused, on their way into smaller ones.
extension Intake {
    /// Looks whether a record that is kept as it came is to be decoded now; otherwise a division holds it, or it is kept
    /// until the division is over, or let go because it comes again.
    ///
    /// - Parameter fetched: where the partition stood when the record came.
    mutating func admit(_ record: HeldMessage, fetched: Int64, _ assignment: borrowing Assignment) -> Bool {
        let (offset, slot) = (record.message.offset, record.slot)
        guard admits(offset, at: slot, fetched: fetched, assignment) else { return false }
        let place = assignment.partitions[slot].place
        if division.admits(place, offset: offset) {
            division.hold(record, place, offset: offset, byteCount: record.message.byteCount)
            return false
        }
        if division.isActive, division.isRefetched { return false }
        guard division.isActive || !kept.isEmpty else { return true }
        keep(record)
        return false
    }

    /// Keeps the record that the latest one in the batch came as.
    ///
    /// - Parameter count: records that were in the batch before.
    mutating func hold(_ record: HeldMessage, after count: Int) {
        if filling.recordCount > count { filling.hold(record) }
    }

    /// Begins to divide a batch that was refused.
    ///
    /// - Returns: whether its records must be fetched again.
    mutating func beginDivision(of batch: borrowing Batch, _ assignment: inout Assignment) -> Bool {
        // With the records kept there is nothing to fetch: what was taken after the batch waits.
        let keepsAll =
            !batch.held.isEmpty && heldDeletes.isEmpty && !isCut
            && filling.held.count == filling.recordCount
        guard keepsAll else { return true }
        keepFilling()
        let records = batch.held.map { (place: assignment.partitions[$0.slot].place, record: $0) }
        assignment.rewind()
        division.begin(with: records)
        return false
    }

    /// The next record of the batch that is being made of a division's.
    ///
    /// The records of a key change are a batch by themselves, however small it is to be.
    mutating func nextOfDivision(_ assignment: inout Assignment) -> HeldMessage? {
        guard barrier == nil, filling.isEmpty || configuration.limits.haveRoom(in: filling) else {
            return nil
        }
        if heldDeletes.isEmpty {
            guard let next = division.next else { return nil }
            return !filling.isEmpty && beginsKeyChange(next.message) ? nil : next
        }
        // The other half may be in another partition: there it is found by itself.
        guard let following = division.following, heldDeletes[following.record.slot] != nil else {
            releaseDeletes(&assignment) { _ in true }
            return heldDeletes.isEmpty ? division.next : nil
        }
        return following.record
    }

    /// Notes that the next record of a division is in the batch.
    mutating func tookOfDivision() {
        if barrier == nil { division.took() }
    }
}
