import ChangeEvents
import Model

/// A delete that is the first half of a key change, waiting for the second.
///
/// Debezium writes a change of a row's key as delete (header `__debezium.newkey`), tombstone and create (header
/// `__debezium.oldkey`). Until the create comes the partition's progress stays in front of the delete, so
/// that the halves are never applied apart because a batch or the process ended between them.
struct HeldDelete {
    let route: Int
    let row: Row
    let offset: Int64
    /// The offset after the last record that is held, and when that was produced.
    var next: Int64
    var timestamp: Int64?
    /// The create may be in another partition; then nobody must wait for it.
    let end = Deadline.after(.seconds(2))
}

/// How the two halves of a key change become one update of the row.
extension Lane {
    /// Folds a record into the batch that is being filled.
    ///
    /// - Returns: false when the record is held for now.
    mutating func fold(
        _ message: borrowing some RecordView & ~Copyable,
        _ route: Int,
        at slot: Int
    ) throws(DecodeError) -> Bool {
        let table = router.table(ofRoute: route)
        let columnCount = filling.tables[table].schema.columns.count
        guard try router.decode(route, message, columnCount: columnCount) else { return true }
        if router.row.change == .delete, movesKeys(of: table), beginsKeyChange(message) {
            let offset = message.offset
            heldDeletes[slot] = HeldDelete(
                route: route,
                row: router.row.compact,
                offset: offset,
                next: offset + 1,
                timestamp: message.timestamp
            )
            return false
        }
        try filling.fold(router.row, intoTable: table)
        return true
    }

    /// Whether a record is to be held until the other half of a key change comes.
    func beginsKeyChange(_ message: borrowing some RecordView & ~Copyable) -> Bool {
        !division.separatesKeyChanges && message.hasHeader("__debezium.newkey")
    }

    private func movesKeys(of table: Int) -> Bool {
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
        at slot: Int
    ) throws(DecodeError) -> Bool {
        guard var held = heldDeletes[slot], badRecord == nil, neededChange == nil else { return false }
        if message.isTombstone, held.next == held.offset + 1 {
            held.next = message.offset + 1
            held.timestamp = message.timestamp
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
                try complete(held, at: slot, table, offset: message.offset, message.timestamp)
                return true
            }
        }
        try release(held, at: slot)
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
        _ timestamp: Int64?
    ) throws(DecodeError) {
        let recordCount = held.next == held.offset + 1 ? 2 : 3
        guard try filling.move(held.row, to: router.row, intoTable: table, recordCount: recordCount) else {
            isCut = true
            return
        }
        heldDeletes[slot] = nil
        advance(slot, past: held.offset, at: held.timestamp)
        if recordCount == 3 { advance(slot, past: held.next - 1, at: held.timestamp) }
        advance(slot, past: offset, at: timestamp)
    }

    /// Takes a held delete as what it is by itself.
    mutating func release(_ held: HeldDelete, at slot: Int) throws(DecodeError) {
        heldDeletes[slot] = nil
        // What is held is forgotten when its table changes.
        let table = router.table(ofRoute: held.route)
        try filling.fold(held.row, intoTable: table)
        advance(slot, past: held.offset, at: held.timestamp)
        if held.next > held.offset + 1 { advance(slot, past: held.next - 1, at: held.timestamp) }
    }

    /// Takes the deletes that have waited long enough.
    mutating func releaseOldDeletes() throws(SinkError) {
        try releaseDeletes { $0.end.hasPassed }
    }

    mutating func releaseDeletes(where isDue: (HeldDelete) -> Bool) throws(SinkError) {
        guard badRecord == nil, neededChange == nil, !isCut else { return }
        for (slot, held) in heldDeletes where isDue(held) {
            do throws(DecodeError) {
                try release(held, at: slot)
            } catch {
                badRecord = .record(
                    assignment.partitions[slot].place,
                    offset: held.offset,
                    key: nil,
                    reason: error.description
                )
            }
        }
    }
}

extension RecordView where Self: ~Copyable {
    fileprivate func hasHeader(_ name: String) -> Bool { withHeader(name) { $0 != nil } }

    fileprivate var isTombstone: Bool { withValue { $0 == nil } }
}
