import Model

/// What a topic holds of one table, in offset order: plain data, made by `TopicAuditor`.
struct TopicContent: Sendable {
    enum Kind: UInt8, Sendable {
        case create, update, delete, snapshotRead, tombstone
        /// A truncation, a message, or a record without a row.
        case other
    }

    struct Event: Sendable, Equatable {
        var row: RowID
        /// The row's value after the change; meaningless for deletes, tombstones and others.
        var value: Token
        var offset: Int64
        var kind: Kind
        /// Where the change stands in the leader's log; 0 where the event does not say.
        var lsn = LSN(rawValue: 0)
        /// When the record was produced, in milliseconds since 1970; 0 where the broker does not say.
        var producedAt: Int64 = 0

        /// Whether the row holds `value` after it.
        var setsValue: Bool { kind == .create || kind == .update || kind == .snapshotRead }
    }

    struct Partition: Sendable {
        /// The first offset that the broker still has.
        var firstOffset: Int64 = 0
        /// The offset after the last record that was read.
        var nextOffset: Int64 = 0
        var events: ContiguousArray<Event> = []
        var tombstoneCount = 0
    }

    var topic: String
    var partitions: [Int32: Partition] = [:]
    /// The partition of each row's key.
    private(set) var partitionOfRow: [RowID: Int32] = [:]
    /// Rows whose events lie in more than one partition: their order is lost.
    private(set) var scatteredRows: Set<RowID> = []
    private(set) var highestValue: Token = 0
    /// The furthest place in a leader's log that an event comes from; 0 where none says.
    private(set) var highestLSN = LSN(rawValue: 0)
    private(set) var undecodableCount = 0
    /// Where the first record lies that is no change event, and why.
    private(set) var undecodableExample: String?

    init(topic: String) {
        self.topic = topic
    }

    var eventCount: Int { partitions.values.reduce(0) { $0 + $1.events.count } }

    /// Whether retention or a deletion has removed the begin of a partition.
    var isTruncated: Bool { partitions.values.contains { $0.firstOffset > 0 } }

    /// Takes the next record of a partition.
    mutating func append(_ event: Event, to partition: Int32) {
        partitions[partition, default: Partition()].events.append(event)
        partitions[partition]?.nextOffset = event.offset + 1
        if event.kind == .tombstone { partitions[partition]?.tombstoneCount += 1 }
        guard event.kind != .other else { return }
        highestLSN = max(highestLSN, event.lsn)
        if event.setsValue { highestValue = max(highestValue, event.value) }
        if let known = partitionOfRow[event.row] {
            if known != partition { scatteredRows.insert(event.row) }
        } else {
            partitionOfRow[event.row] = partition
        }
    }

    /// Counts a record that is no change event of the table.
    mutating func noteUndecodable(_ example: String) {
        undecodableCount += 1
        undecodableExample = undecodableExample ?? example
    }

    /// The events of each row, in offset order within a partition.
    func eventsByRow() -> [RowID: [Event]] {
        var rows: [RowID: [Event]] = [:]
        for (_, partition) in partitions.sorted(by: { $0.key < $1.key }) {
            for event in partition.events where event.kind != .other && event.kind != .tombstone {
                rows[event.row, default: []].append(event)
            }
        }
        return rows
    }
}
