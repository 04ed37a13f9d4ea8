import ChangeEvents
import Kafka
import Model

/// Records on their way into one transaction: the folded changes of each table, and how far they reach.
struct Batch {
    /// How far a partition gets with a batch.
    struct Advance {
        let place: TopicPartition
        /// The stored offset that the batch builds on.
        let expected: Int64
        /// The first offset after the batch.
        var next: Int64
        /// Records in the batch, those that change nothing included.
        var events: Int64
        /// When the first and the last record were produced, in milliseconds since 1970, where the broker says it.
        var oldest: Int64? = nil
        var newest: Int64? = nil

        fileprivate mutating func take(_ offset: Int64, _ timestamp: Int64?) {
            newest = timestamp
            next = offset + 1
            events += 1
        }
    }

    private(set) var tables: [TableBatch] = []
    /// In which order they are written; as they came in until somebody knows better.
    var order = TableOrder(count: 0, references: [], deletesEarly: [])
    /// By the partition's slot in the lane's assignment.
    private var advancesBySlot: [Advance?] = []
    private(set) var recordCount = 0
    /// Key changes, and the records that they came as.
    private var moveCount = 0
    private var moveRecordCount = 0
    /// Records that cannot be applied, among those that the batch gets past.
    private(set) var deadLetters: [DeadLetter] = []
    /// Bytes that they hold.
    private(set) var deadLetterByteCount = 0

    /// The records themselves, where the lane may go on without one of them.
    private(set) var held: [HeldMessage] = []
    private(set) var heldByteCount = 0
    /// The records that change something, by what they do.
    private(set) var counts = EventCounts()
    /// Memory that the changes of all tables take; what the server is sent is about as much.
    private(set) var byteCount = 0

    /// Memory that is kept from batch to batch, at most.
    private static let keptByteCount = 16 << 20

    var isEmpty: Bool { recordCount == 0 }

    /// Whether its records are those of one key change, which stay together.
    var isKeyChange: Bool { moveCount == 1 && moveRecordCount == recordCount }

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
        byteCount -= tables[index].byteCount
        tables[index] = TableBatch(schema: schema, mode: tables[index].mode, capacity: capacity)
    }

    /// - Throws: as `TableBatch.fold`.
    mutating func fold(_ row: Row, intoTable index: Int) throws(DecodeError) {
        let before = tables[index].byteCount
        try tables[index].fold(row)
        byteCount += tables[index].byteCount - before
        counts[row.kind] += 1
    }

    /// Adds a key change that came as `recordCount` records.
    ///
    /// - Returns: false when the batch must be applied before.
    /// - Throws: as `TableBatch.fold`.
    mutating func move(
        _ old: Row,
        to new: Row,
        intoTable index: Int,
        recordCount: Int
    ) throws(DecodeError) -> Bool {
        let before = tables[index].byteCount
        guard try tables[index].move(old, to: new) else { return false }
        byteCount += tables[index].byteCount - before
        counts[.delete] += 1
        counts[new.kind] += 1
        moveCount += 1
        moveRecordCount += recordCount
        return true
    }

    /// Puts a record aside; it is counted with `advance` like any other.
    mutating func setAside(_ letter: DeadLetter) {
        deadLetters.append(letter)
        deadLetterByteCount += letter.byteCount
    }

    /// Keeps a record until the batch is forgotten.
    mutating func hold(_ record: HeldMessage) {
        held.append(record)
        heldByteCount += record.message.byteCount
    }

    /// Counts a record whose change, if it has one, was folded.
    ///
    /// - Parameter fetched: the offset after the record before this one: what the batch builds on, if this
    ///   is the partition's first record in it.
    /// - Parameter timestamp: when the record was produced, in milliseconds since 1970.
    mutating func advance(
        _ slot: Int,
        _ place: TopicPartition,
        past offset: Int64,
        from fetched: Int64,
        at timestamp: Int64? = nil
    ) {
        guard !advance(slot, past: offset, at: timestamp) else { return }
        while advancesBySlot.count <= slot { advancesBySlot.append(nil) }
        advancesBySlot[slot] = Advance(
            place: place,
            expected: fetched,
            next: fetched,
            events: 0,
            oldest: timestamp
        )
        _ = advance(slot, past: offset, at: timestamp)
    }

    /// Counts a record of a partition that is in the batch already, without naming it, which would cost reference counts.
    ///
    /// - Returns: false, and nothing is counted, when it is not.
    mutating func advance(_ slot: Int, past offset: Int64, at timestamp: Int64?) -> Bool {
        guard slot < advancesBySlot.count, advancesBySlot[slot]?.take(offset, timestamp) != nil else {
            return false
        }
        recordCount += 1
        return true
    }

    /// Forgets what is to be done to the tables: it is encoded, and its memory is needed for what comes next.
    mutating func forgetRows() {
        byteCount = 0
        let kept = tables.reduce(0) { $0 + $1.keptByteCount }
        for index in tables.indices {
            if kept > Self.keptByteCount { tables[index].release() } else { tables[index].removeAll() }
        }
    }

    /// Forgets the records, keeps the tables, and the memory unless it is much.
    mutating func removeAll() {
        forgetRows()
        for slot in advancesBySlot.indices { advancesBySlot[slot] = nil }
        recordCount = 0
        (moveCount, moveRecordCount) = (0, 0)
        deadLetters.removeAll()
        held.removeAll(keepingCapacity: true)
        heldByteCount = 0
        deadLetterByteCount = 0
        counts.removeAll()
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
