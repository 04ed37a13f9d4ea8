import Shared

/// The way of recorded records through the code that a lane and its applier use.
struct MeasuredPath {
    private let batchSize: Int
    private let place = TopicPartition(topic: "recorded", partition: 0)
    private let progress = ProgressTable(sink: "recorded")
    private var router = RecordRouter()
    private var batch = Batch()
    private var parameters = Parameters()
    private var offset: Int64 = 0
    private(set) var statementCount = 0
    /// Bytes of all parameters.
    private(set) var byteCount = 0

    init(_ schema: TableSchema, batchSize: Int) {
        self.batchSize = batchSize
        var modes = WriteModes()
        modes.insertMode = .upsert
        modes.keyMode = .recordKey
        modes.deletesRows = true
        let table = batch.addTable(schema, mode: modes.insertMode, capacity: batchSize)
        let decoder = RecordDecoder(table: schema, modes: modes)
        router.add(0, topic: place.topic, toTable: table, named: place.topic, decoder: decoder)
    }

    /// Takes every record once; the last batch of a round may be smaller.
    mutating func round(_ recording: Recording) throws(DecodeError) {
        let bytes = recording.bytes.span.bytes
        for record in recording.records {
            try take(record, bytes)
            if batch.recordCount == batchSize { encode() }
        }
        if !batch.isEmpty { encode() }
    }

    private mutating func take(_ record: Recording.Record, _ bytes: RawSpan) throws(DecodeError) {
        try router.fold(
            0,
            key: Self.part(record.key, of: bytes),
            value: Self.part(record.value, of: bytes),
            into: &batch
        )
        batch.advance(0, place, past: offset, from: offset)
        offset += 1
    }

    @_lifetime(copy bytes)
    private static func part(_ range: Range<Int>?, of bytes: RawSpan) -> RawSpan? {
        guard let range else { return nil }
        return bytes.extracting(range)
    }

    /// Writes the parameters of the batch's statements, as `Applier` does.
    private mutating func encode() {
        parameters.removeAll()
        progress.bind(batch.advances, into: &parameters)
        count(ProgressTable.advanceStatement)
        for table in batch.tables {
            let deleted = table.deletedSlots
            if !deleted.isEmpty {
                parameters.removeAll()
                let key = Array(0..<table.schema.keyCount)
                TableStatements.bind(table, columns: key, slots: deleted, into: &parameters)
                count(TableStatements.delete(table.schema))
            }
            for group in table.upserts {
                guard let statement = TableStatements.write(table, group) else { continue }
                parameters.removeAll()
                TableStatements.bind(table, columns: group.columns, slots: group.slots, into: &parameters)
                count(statement)
            }
        }
        batch.removeAll()
    }

    private mutating func count(_ statement: String) {
        statementCount += 1
        byteCount += parameters.byteCount + statement.utf8.count
    }
}
