/// One value of a row on its way from JSON to a parameter.
enum Cell: Sendable {
    /// The event does not have the column.
    case absent
    case null
    /// An integer, or a boolean as 0 and 1.
    case integer(Int64)
    /// A place in the bytes that go with the cell.
    case text(Range<Int>)
}

/// A change of one row, decoded: its cells in the order of the table's columns; reused from record to record.
struct Row {
    enum Change {
        case upsert, delete
        /// All rows of the table go; the cells mean nothing.
        case truncate
    }

    var change = Change.upsert
    /// What the event says that happened, for counting only.
    var kind = EventKind.upsert
    var cells: [Cell]
    /// Columns that are absent because their large value did not change: they keep what the table has.
    var unchanged: [Int] = []
    /// What the text cells point into.
    var bytes: [UInt8] = []

    init(columnCount: Int) {
        cells = [Cell](repeating: .absent, count: columnCount)
    }

    /// Bytes that a row keeps for the next, at most.
    private static let keptByteCount = 4 << 20

    /// The same row without memory that it does not use.
    var compact: Row {
        var row = self
        // Another array, not another reference to the same.
        row.bytes = bytes.withUnsafeBufferPointer { Array($0) }
        return row
    }

    mutating func clear() {
        if bytes.capacity > Self.keptByteCount { bytes = [] }
        for index in cells.indices { cells[index] = .absent }
        unchanged.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }
}
