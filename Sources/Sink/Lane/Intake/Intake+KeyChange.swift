import ChangeEvents
import Model

/// How the two halves of a key change become one update of the row.
extension Intake {
    /// Whether a record is to be held until the other half of a key change comes.
    func beginsKeyChange(_ message: borrowing some RecordView & ~Copyable) -> Bool {
        !division.separatesKeyChanges && message.hasHeader("__debezium.newkey")
    }

    func movesKeys(of table: Int) -> Bool {
        let modes = configuration.modes
        return modes.keyMode == .recordKey && modes.insertMode != .insert
            && filling.order.movesKeys.contains(table)
    }

    /// Looks whether a record belongs to the delete that its partition holds; if not, that is taken as a delete.
    ///
    /// - Returns: true when the record is dealt with.
    mutating func meet(
        _ message: borrowing some RecordView & ~Copyable,
        _ route: Int?,
        at slot: Int,
        _ assignment: inout Assignment
    ) throws(DecodeError) -> Bool {
        guard var held = heldDeletes[slot], barrier == nil else { return false }
        if message.isTombstone, held.recordCount == 1 {
            held.takeTombstone(at: message.offset, message.timestamp)
            heldDeletes[slot] = held
            return true
        }
        let row = held.row
        if let route, route == held.route, let table = router.route(route)?.table,
            isOldKey(of: message, row, route)
        {
            let columnCount = filling.tables[table].schema.columns.count
            let isChange = try router.decode(
                route,
                message,
                columnCount: columnCount,
                completesKeyChange: true
            )
            if isChange, router.row.change == .upsert {
                try complete(held, at: slot, table, offset: message.offset, message.timestamp, &assignment)
                return true
            }
        }
        try release(held, at: slot, &assignment)
        return false
    }

    private mutating func isOldKey(
        of message: borrowing some RecordView & ~Copyable,
        _ row: Row,
        _ route: Int
    ) -> Bool {
        message.withHeader("__debezium.oldkey") { bytes in
            guard let bytes else { return false }
            return router.isKey(bytes, of: row, route)
        }
    }

    private mutating func complete(
        _ held: HeldDelete,
        at slot: Int,
        _ table: Int,
        offset: Int64,
        _ timestamp: Int64?,
        _ assignment: inout Assignment
    ) throws(DecodeError) {
        let recordCount = held.recordCount + 1
        guard try filling.move(held.row, to: router.row, intoTable: table, recordCount: recordCount) else {
            return raise(.cut)
        }
        pass(held, at: slot, &assignment)
        advance(slot, past: offset, at: timestamp, &assignment)
    }

    /// Counts the records of a delete that is held no longer.
    private mutating func pass(_ held: HeldDelete, at slot: Int, _ assignment: inout Assignment) {
        heldDeletes[slot] = nil
        advance(slot, past: held.offset, at: held.timestamp, &assignment)
        if held.recordCount > 1 { advance(slot, past: held.next - 1, at: held.timestamp, &assignment) }
    }

    /// Takes a held delete as what it is by itself.
    mutating func release(
        _ held: HeldDelete,
        at slot: Int,
        _ assignment: inout Assignment
    ) throws(DecodeError) {
        heldDeletes[slot] = nil
        // What is held is forgotten when its table changes.
        try filling.fold(held.row, intoTable: router.table(ofRoute: held.route))
        pass(held, at: slot, &assignment)
    }

    /// Takes the deletes that have waited long enough.
    mutating func releaseOldDeletes(_ assignment: inout Assignment) {
        releaseDeletes(&assignment) { $0.end.hasPassed }
    }

    mutating func releaseDeletes(_ assignment: inout Assignment, where isDue: (HeldDelete) -> Bool) {
        guard barrier == nil else { return }
        for (slot, held) in heldDeletes where isDue(held) {
            do throws(DecodeError) {
                try release(held, at: slot, &assignment)
            } catch {
                raise(
                    .record(
                        .record(
                            assignment.partitions[slot].place,
                            offset: held.offset,
                            key: nil,
                            reason: error.description
                        )
                    )
                )
            }
        }
    }
}

extension RecordView where Self: ~Copyable {
    fileprivate func hasHeader(_ name: String) -> Bool { withHeader(name) { $0 != nil } }

    var isTombstone: Bool { withValue { $0 == nil } }
}
