import ChangeEvents
import Formats
import HTTPRequests
import Model

/// The way of recorded records through the code that a lane and its applier use.
struct MeasuredPath {
    private let batchSize: Int
    private let place = TopicPartition(topic: "recorded", partition: 0)
    private var router = RecordRouter()
    private var batch = Batch()
    private var transaction = BatchTransaction(progress: ProgressTable(sink: "recorded"))
    private var offset: Int64 = 0
    private var chain: TransformChain?
    private(set) var statementCount = 0
    /// Bytes of all parameters.
    private(set) var byteCount = 0
    /// What reads keys and values that are Avro.
    private let avro: (key: RegistryText, value: RegistryText)?

    /// - Parameter schemas: Avro schemas of key and value; none where they are JSON.
    init(_ schema: TableSchema, schemas: [[UInt8]] = [], batchSize: Int, chain: TransformChain? = nil) {
        (self.batchSize, self.chain) = (batchSize, chain)
        let access = RegistryAccess(.confluent, urls: [], credentials: HTTPCredentials())
        let converter = RegistryConverter(.avro, .confluent, access)
        if schemas.isEmpty {
            avro = nil
        } else {
            let texts = (
                key: RegistryText(converter, .key, scope: .whole),
                value: RegistryText(converter, .value, scope: .row)
            )
            for (index, schema) in schemas.enumerated() {
                texts.key.learn(avro: schema, as: .number(UInt32(index + 1)))
                texts.value.learn(avro: schema, as: .number(UInt32(index + 1)))
            }
            avro = texts
        }
        var modes = WriteModes()
        modes.insertMode = .upsert
        modes.keyMode = .recordKey
        modes.deletesRows = true
        modes.values.timePrecision = .adaptive
        let table = batch.addTable(schema, mode: modes.insertMode, capacity: batchSize)
        let decoder = RecordDecoder(table: schema, modes: modes, filter: FieldFilter(), topic: place.topic)
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
        let columnCount = batch.tables[0].schema.columns.count
        let key = Self.part(record.key, of: bytes), value = Self.part(record.value, of: bytes)
        var isChange = false
        if let avro {
            try avro.key.withText(key, header: { _ in nil }) { key throws(DecodeError) in
                try avro.value.withText(value, header: { _ in nil }) { value throws(DecodeError) in
                    isChange = try router.decode(0, key: key, value: value, columnCount: columnCount)
                }
            }
        } else if chain != nil {
            isChange = try transform(key, value, columnCount)
        } else {
            isChange = try router.decode(0, key: key, value: value, columnCount: columnCount)
        }
        if isChange { try batch.fold(router.row, intoTable: 0) }
        batch.advance(0, place, past: offset, from: offset)
        offset += 1
    }

    /// Runs a record through the transforms, as `TransformStage` does.
    private mutating func transform(
        _ key: RawSpan?,
        _ value: RawSpan?,
        _ columnCount: Int
    ) throws(DecodeError) -> Bool {
        let record = ConnectRecord(
            topic: place.topic,
            partition: place.partition,
            offset: offset,
            timestamp: nil,
            key: .none,
            value: .none,
            headers: []
        )
        do throws(TransformChain.Failure) {
            guard case .record(let result)? = try chain?.run(record, key: key?.copied, value: value?.copied)
            else {
                return false
            }
            return try decode(result, columnCount)
        } catch {
            throw error.error
        }
    }

    private mutating func decode(_ record: ConnectRecord, _ columnCount: Int) throws(TransformChain.Failure)
        -> Bool
    {
        do throws(DecodeError) {
            let (key, value) = (try record.key.json(), try record.value.json())
            return try router.decode(
                0,
                key: key?.span.bytes,
                value: value?.span.bytes,
                columnCount: columnCount
            )
        } catch {
            throw TransformChain.Failure(error: error, stage: .put)
        }
    }

    @_lifetime(copy bytes)
    private static func part(_ range: Range<Int>?, of bytes: RawSpan) -> RawSpan? {
        guard let range else { return nil }
        return bytes.extracting(range)
    }

    private mutating func encode() {
        transaction.encode(batch)
        statementCount += transaction.statementCount
        byteCount += transaction.byteCount
        batch.removeAll()
    }
}
