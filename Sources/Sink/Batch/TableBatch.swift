import ChangeEvents

/// The changes of one table within a batch, folded: at most one for each key, the last one in order.
///
/// Folding is what lets the whole batch be a few set-based statements: `on conflict do update` refuses to
/// touch a row twice. Every key has one slot; cells lie column by column, as the parameters will. In insert
/// mode, and without a key, every record has a slot of its own.
struct TableBatch {
    /// Rows that one statement writes: they have the same columns.
    struct Group {
        let columns: [Int]
        /// Whether a large value is absent that must be in the table already: these rows are never inserted.
        let keepsUnchanged: Bool
        /// Whether these rows were deleted in the same batch: nothing of an older one stays.
        let replaces: Bool
        var slots: [Int] = []
    }

    private struct Shape: Hashable {
        let columns: [Int]
        let keepsUnchanged: Bool
        let replaces: Bool
    }

    /// Which columns rows have.
    private struct RowShapes {
        /// For each slot: an index into `all`.
        var ofSlots: [Int] = []
        /// The sets of columns that occurred.
        var all: [Shape] = []
        /// The shape of a row with all columns, which most rows have, once one came.
        var complete: Int?
    }

    /// What is true of few slots.
    private struct RareSlots {
        /// The columns that a slot's row lacks because their large value did not change.
        var unchanged: [Int: [Int]] = [:]
        /// Slots whose row is deleted before it is written.
        var replaced: Set<Int> = []
        /// Slots whose row is written and then marked as deleted.
        var marked: Set<Int> = []

        mutating func removeAll() {
            unchanged.removeAll(keepingCapacity: true)
            replaced.removeAll(keepingCapacity: true)
            marked.removeAll(keepingCapacity: true)
        }
    }

    let schema: TableSchema
    let mode: InsertMode
    private var keys: KeyIndex
    /// The last slot of each key of the index.
    private var lastSlots: [Int] = []
    /// In insert mode the slot of the same key before this one.
    private var olderSlots: [Int?] = []
    private var cells: [[Cell]]
    /// What happens to a slot's row; `nil` for an insert that a later record made void.
    private var changes: [Row.Change?] = []
    private var shapes = RowShapes()
    private var rare = RareSlots()
    /// Whether all rows that were there before the batch go.
    private(set) var isTruncated = false
    /// Rows whose key changed, by the slots of both keys: they are renamed before anything else is done.
    private(set) var moves: [(from: Int, to: Int)] = []
    private var bytes: [UInt8] = []

    init(schema: TableSchema, mode: InsertMode, capacity: Int) {
        (self.schema, self.mode) = (schema, mode)
        keys = KeyIndex(capacity: capacity)
        cells = [[Cell]](repeating: [], count: schema.columns.count)
    }

    var isEmpty: Bool { changes.isEmpty && !isTruncated }

    /// Memory that the changes take: their texts, those that a later one replaced included, their keys and cells.
    var byteCount: Int { bytes.count + keys.byteCount + changes.count * slotByteCount }

    /// Memory that is kept for the next batch.
    var keptByteCount: Int { bytes.capacity + keys.keptByteCount + changes.capacity * slotByteCount }

    /// What a slot takes beside its texts.
    private var slotByteCount: Int { cells.count * MemoryLayout<Cell>.stride + 48 }

    /// Forgets the changes and the memory that they took.
    mutating func release() {
        self = TableBatch(schema: schema, mode: mode, capacity: 0)
    }

    /// Forgets the changes, keeps the memory.
    mutating func removeAll() {
        isTruncated = false
        moves.removeAll(keepingCapacity: true)
        rare.removeAll()
        keys.removeAll()
        lastSlots.removeAll(keepingCapacity: true)
        olderSlots.removeAll(keepingCapacity: true)
        for column in cells.indices { cells[column].removeAll(keepingCapacity: true) }
        changes.removeAll(keepingCapacity: true)
        shapes.ofSlots.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Adds a change after those that are there.
    ///
    /// - Throws: `DecodeError` for a row that lacks a large value which an earlier delete took away; the batch is
    ///   as it was.
    mutating func fold(_ row: Row) throws(DecodeError) {
        if row.change == .truncate {
            removeAll()
            isTruncated = true
            return
        }
        let (slot, isNew) = slot(for: row)
        let earlier = isNew ? nil : changes[slot]
        switch earlier {
        case .delete? where schema.softDelete == nil:
            // Where a delete came first there is no row left to update.
            if mode == .update { return }
            if let column = row.unchanged.first { throw Self.deletedBefore(schema.columns[column]) }
            if row.change == .upsert { rare.replaced.insert(slot) }
        // The first write of a key stays.
        case .upsert? where mode == .ignore && row.change == .upsert: return
        case .upsert? where row.change == .delete:
            if schema.softDelete != nil {
                rare.marked.insert(slot)
                return
            }
            rare.replaced.remove(slot)
        case .upsert? where !rare.marked.isEmpty: rare.marked.remove(slot)
        default: break
        }
        // A row that was deleted in between comes back with what the event says, not with older values.
        let keepsOlder = earlier == .upsert && row.change == .upsert
        changes[slot] = row.change
        // The row's bytes are taken over as a whole, its cells point as far after the start as before.
        let start = bytes.count
        bytes.append(contentsOf: row.bytes)
        var isComplete = true
        for column in cells.indices {
            if case .absent = row.cells[column] {
                isComplete = false
                if keepsOlder { continue }
            }
            store(row, column, at: slot, bytesFrom: start)
        }
        if !row.unchanged.isEmpty || rare.unchanged[slot] != nil {
            let lacking = row.unchanged + (keepsOlder ? rare.unchanged[slot] ?? [] : [])
            let absent = lacking.filter { isAbsent($0, slot) }
            rare.unchanged[slot] = absent.isEmpty ? nil : absent
        }
        guard row.change == .upsert else { return }
        if isComplete, mode == .upsert, !rare.replaced.isEmpty { rare.replaced.remove(slot) }
        if isComplete, let complete = shapes.complete, rare.unchanged.isEmpty, rare.replaced.isEmpty {
            shapes.ofSlots[slot] = complete
        } else {
            shapes.ofSlots[slot] = shape(of: slot)
        }
    }

    private static func deletedBefore(_ column: Column) -> DecodeError {
        DecodeError(
            "the event leaves out the unchanged large value of \(column.name), and the row was deleted before",
            at: 0
        )
    }

    /// Adds a change of a row's key after those that are there: the row goes on under its new key.
    ///
    /// Moves are applied first, so neither key may have another change in front of it.
    ///
    /// - Returns: false when one has; the batch is as it was and must be applied first.
    /// - Throws: as `fold`.
    mutating func move(_ old: Row, to new: Row) throws(DecodeError) -> Bool {
        let keyCount = schema.keyCount
        guard !keys.contains(old, keyCount: keyCount), !keys.contains(new, keyCount: keyCount) else {
            return false
        }
        // The old key's slot stays without a change of its own until a later record brings one.
        let (from, _) = slot(for: old)
        let start = bytes.count
        bytes.append(contentsOf: old.bytes)
        for column in 0..<keyCount { store(old, column, at: from, bytesFrom: start) }
        try fold(new)
        let (to, _) = slot(for: new)
        // Keys that differ in their text only, such as in blanks, are one row.
        if to != from { moves.append((from: from, to: to)) }
        return true
    }

    /// Where a change goes: the slot of its key, or a new one.
    private mutating func slot(for row: Row) -> (slot: Int, isNew: Bool) {
        guard schema.keyCount > 0 else { return (addSlot(), true) }
        let (key, isNewKey) = keys.slot(of: row, keyCount: schema.keyCount)
        if isNewKey {
            lastSlots.append(addSlot())
            return (lastSlots[key], true)
        }
        guard mode == .insert else { return (lastSlots[key], false) }
        if row.change == .delete {
            // Deletes are sent before inserts: those that this one would remove must not be sent at all.
            var next: Int? = lastSlots[key]
            while let slot = next {
                next = olderSlots[slot]
                changes[slot] = nil
            }
            olderSlots[lastSlots[key]] = nil
            return (lastSlots[key], false)
        }
        let slot = addSlot()
        // The delete in front of it stays: it is sent first.
        olderSlots[slot] = lastSlots[key]
        lastSlots[key] = slot
        return (slot, true)
    }

    /// - Parameter start: where the row's bytes begin in the batch's.
    private mutating func store(_ row: Row, _ column: Int, at slot: Int, bytesFrom start: Int) {
        if case .text(let range) = row.cells[column] {
            cells[column][slot] = .text((start + range.lowerBound)..<(start + range.upperBound))
        } else {
            cells[column][slot] = row.cells[column]
        }
    }

    private mutating func addSlot() -> Int {
        for column in cells.indices { cells[column].append(.absent) }
        changes.append(nil)
        shapes.ofSlots.append(0)
        olderSlots.append(nil)
        return changes.count - 1
    }

    /// A slot of each key.
    var keySlots: [Int] { lastSlots }

    /// The slots whose rows are to be deleted.
    var deletedSlots: [Int] { changes.indices.filter { changes[$0] == .delete || rare.marked.contains($0) } }

    /// The rows to write, grouped by the columns that they have.
    var upserts: [Group] {
        var groups = shapes.all.map {
            Group(columns: $0.columns, keepsUnchanged: $0.keepsUnchanged, replaces: $0.replaces)
        }
        for slot in changes.indices where changes[slot] == .upsert {
            groups[shapes.ofSlots[slot]].slots.append(slot)
        }
        return groups.filter { !$0.slots.isEmpty }
    }

    /// A column's cell and the bytes that text cells point into.
    func withCells<R>(ofColumn column: Int, _ body: ([Cell], [UInt8]) -> R) -> R {
        body(cells[column], bytes)
    }

    private mutating func shape(of slot: Int) -> Int {
        let shape = Shape(
            columns: schema.columns.indices.filter { !isAbsent($0, slot) },
            keepsUnchanged: rare.unchanged[slot] != nil,
            replaces: rare.replaced.contains(slot)
        )
        if let known = shapes.all.firstIndex(of: shape) { return known }
        shapes.all.append(shape)
        if shape.columns.count == cells.count, !shape.keepsUnchanged, !shape.replaces {
            shapes.complete = shapes.all.count - 1
        }
        return shapes.all.count - 1
    }

    private func isAbsent(_ column: Int, _ slot: Int) -> Bool {
        if case .absent = cells[column][slot] { return true }
        return false
    }
}
