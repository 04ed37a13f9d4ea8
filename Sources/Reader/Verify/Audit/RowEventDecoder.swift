import ChangeEvents
import Model
import Postgres

/// Reads row and value out of a record, in both forms of Kafka Connect's JSON converter.
struct RowEventDecoder: Sendable {
    /// The row that a record's key names.
    func row(ofKey key: RawSpan) throws(DecodeError) -> RowID {
        let payload = try Payload.range(of: key)
        guard let id = try member(TableName.keyColumn, of: key, in: payload) else {
            throw DecodeError("the key has no \(TableName.keyColumn)", at: payload.lowerBound)
        }
        return RowID(id)
    }

    /// What a record's value does to its row.
    func change(_ value: RawSpan) throws(DecodeError) -> (kind: TopicContent.Kind, value: Token, lsn: LSN) {
        let envelope = try Envelope(value)
        // Debezium's name for the position of the change in the write-ahead log.
        var lsn: Int64 = 0
        if let source = envelope.source { lsn = try self.position(of: value, in: source) ?? 0 }
        let position = LSN(rawValue: UInt64(max(0, lsn)))
        let kind: TopicContent.Kind
        switch envelope.operation {
        case .create: kind = .create
        case .update: kind = .update
        case .read: kind = .snapshotRead
        case .delete: return (.delete, 0, position)
        case .truncate, .message: return (.other, 0, position)
        }
        guard let after = envelope.after,
            let token = try member(TableName.valueColumn, of: value, in: after)
        else { throw DecodeError("the event has no \(TableName.valueColumn) after it", at: 0) }
        return (kind, Token(token), position)
    }

    private func position(of bytes: RawSpan, in range: Range<Int>) throws(DecodeError) -> Int64? {
        var scanner = JSONScanner(bytes, in: range)
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "lsn") {
                // A snapshot may have null there.
                return try scanner.consumeNull() ? nil : try scanner.integer()
            }
            try scanner.skipValue()
        }
        return nil
    }

    private func member(
        _ name: String,
        of bytes: RawSpan,
        in range: Range<Int>
    ) throws(DecodeError) -> Int64? {
        var scanner = JSONScanner(bytes, in: range)
        let wanted = Array(name.utf8)
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, wanted) { return try scanner.integer() }
            try scanner.skipValue()
        }
        return nil
    }
}
