import Shared

/// Records on their way into one transaction: the folded changes of each table, and how far they reach.
struct Batch {
    /// How far a partition gets with a batch.
    struct Advance {
        let place: TopicPartition
        /// The stored offset that the batch builds on.
        let expected: Int64
        /// The first offset behind the batch.
        var next: Int64
        /// Records in the batch, those that change nothing included.
        var events: Int64
        /// When the last of them was produced or appended, in milliseconds since 1970, if the broker says it.
        var timestamp: Int64?
    }

    private(set) var tables: [TableBatch] = []
    /// In which order they are written; as they came in until somebody knows better.
    var order = TableOrder(count: 0, references: [], deletesEarly: [])
    /// By the partition's slot in the lane's assignment.
    private var advancesBySlot: [Advance?] = []
    private(set) var recordCount = 0

    var isEmpty: Bool { recordCount == 0 }

    /// The partitions that have records in the batch.
    var advances: [Advance] { advancesBySlot.compactMap { $0 } }

    /// Adds a table and returns its index.
    mutating func addTable(_ schema: TableSchema, mode: InsertMode, capacity: Int) -> Int {
        tables.append(TableBatch(schema: schema, mode: mode, capacity: capacity))
        order = TableOrder(count: tables.count, references: [], deletesEarly: Set(tables.indices))
        return tables.count - 1
    }

    /// Gives a table that changed its new description; what the batch holds for it is forgotten.
    mutating func replaceTable(_ index: Int, with schema: TableSchema, capacity: Int) {
        tables[index] = TableBatch(schema: schema, mode: tables[index].mode, capacity: capacity)
    }

    /// - Throws: as `TableBatch.fold`.
    mutating func fold(_ row: Row, intoTable index: Int) throws(DecodeError) {
        try tables[index].fold(row)
    }

    /// Counts a record whose change, if it has one, was folded.
    ///
    /// - Parameter fetched: the offset behind the record before this one: what the batch builds on, if this
    ///   is the partition's first record in it.
    mutating func advance(
        _ slot: Int,
        _ place: TopicPartition,
        past offset: Int64,
        from fetched: Int64,
        at timestamp: Int64? = nil
    ) {
        recordCount += 1
        while advancesBySlot.count <= slot { advancesBySlot.append(nil) }
        if advancesBySlot[slot] == nil {
            advancesBySlot[slot] = Advance(place: place, expected: fetched, next: fetched, events: 0)
        }
        advancesBySlot[slot]?.next = offset + 1
        advancesBySlot[slot]?.events += 1
        advancesBySlot[slot]?.timestamp = timestamp
    }

    /// Forgets the records, keeps tables and memory.
    mutating func removeAll() {
        for index in tables.indices { tables[index].removeAll() }
        for slot in advancesBySlot.indices { advancesBySlot[slot] = nil }
        recordCount = 0
    }

    /// What the stored progress says about a batch whose transaction ended without an answer.
    enum Fate: Equatable {
        case applied
        case notApplied
        /// Somebody else moved the progress of these partitions.
        case taken([TopicPartition])
    }

    /// Compares the stored next offsets with what the batch expected and would have stored.
    ///
    /// All partitions move in one transaction, so a mixture means that another instance moved some.
    func fate(stored: [TopicPartition: Int64]) -> Fate {
        if advances.allSatisfy({ stored[$0.place] == $0.next }) { return .applied }
        let taken = advances.filter { stored[$0.place] != $0.expected }.map(\.place)
        return taken.isEmpty ? .notApplied : .taken(taken)
    }
}
