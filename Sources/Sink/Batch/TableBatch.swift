/// The changes of one table within a batch, folded: at most one for each key, the last one in order.
///
/// Folding is what lets the whole batch be a few set-based statements: `on conflict do update` refuses to
/// touch a row twice. Every key has one slot; cells lie column by column, as the parameters will.
struct TableBatch {
    let schema: TableSchema
    private var keys: KeyIndex
    private var cells: [[Cell]]
    private var changes: [Row.Change] = []
    /// Which columns a slot's row has: an index into `shapes`.
    private var slotShapes: [Int] = []
    /// The sets of columns that occurred, as column indexes.
    private var shapes: [[Int]] = []
    private var bytes: [UInt8] = []

    init(schema: TableSchema, capacity: Int) {
        self.schema = schema
        keys = KeyIndex(capacity: capacity)
        cells = [[Cell]](repeating: [], count: schema.columns.count)
    }

    var isEmpty: Bool { changes.isEmpty }

    mutating func removeAll() {
        keys.removeAll()
        for column in cells.indices { cells[column].removeAll(keepingCapacity: true) }
        changes.removeAll(keepingCapacity: true)
        slotShapes.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Adds a change behind those that are there.
    mutating func fold(_ row: Row) {
        let (slot, isNew) = keys.slot(of: row, keyCount: schema.keyCount)
        if isNew {
            for column in cells.indices { cells[column].append(.absent) }
            changes.append(row.change)
            slotShapes.append(0)
        }
        // A row that was deleted in between comes back with what the event says, not with older values.
        let keepsOlder = !isNew && changes[slot] == .upsert && row.change == .upsert
        changes[slot] = row.change
        for column in cells.indices {
            switch row.cells[column] {
            case .absent: if !keepsOlder { cells[column][slot] = .absent }
            case .null: cells[column][slot] = .null
            case .integer(let value): cells[column][slot] = .integer(value)
            case .text(let range):
                let start = bytes.count
                bytes.append(contentsOf: row.bytes[range])
                cells[column][slot] = .text(start..<bytes.count)
            }
        }
        if row.change == .upsert { slotShapes[slot] = shape(of: slot) }
    }

    /// The slots whose rows are to be deleted.
    var deletedSlots: [Int] { changes.indices.filter { changes[$0] == .delete } }

    /// The rows to upsert, grouped by the columns that they have.
    var upserts: [(columns: [Int], slots: [Int])] {
        var groups = shapes.map { (columns: $0, slots: [Int]()) }
        for slot in changes.indices where changes[slot] == .upsert {
            groups[slotShapes[slot]].slots.append(slot)
        }
        return groups.filter { !$0.slots.isEmpty }
    }

    /// A column's cell and the bytes that text cells point into.
    func withCells<R>(ofColumn column: Int, _ body: ([Cell], [UInt8]) -> R) -> R {
        body(cells[column], bytes)
    }

    private mutating func shape(of slot: Int) -> Int {
        let isPresent: (Int) -> Bool = { [cells] column in
            if case .absent = cells[column][slot] { return false }
            return true
        }
        let columns = schema.columns.indices.filter(isPresent)
        if let known = shapes.firstIndex(of: columns) { return known }
        shapes.append(columns)
        return shapes.count - 1
    }
}
