import Shared

/// Reads row and value out of a record, in both forms of Kafka Connect's JSON converter.
struct RowEventDecoder: Sendable {
    /// The row that a record's key names.
    func id(ofKey key: RawSpan) throws(DecodeError) -> Int64 {
        let payload = try Payload.range(of: key)
        guard let id = try member(TableName.keyColumn, of: key, in: payload) else {
            throw DecodeError("the key has no \(TableName.keyColumn)", at: payload.lowerBound)
        }
        return id
    }

    /// What a record's value does to its row.
    func change(_ value: RawSpan) throws(DecodeError) -> (kind: TopicContent.Kind, value: Int64) {
        let envelope = try Envelope(value)
        let kind: TopicContent.Kind
        switch envelope.operation {
        case .create: kind = .create
        case .update: kind = .update
        case .read: kind = .snapshotRead
        case .delete: return (.delete, 0)
        case .truncate, .message: return (.other, 0)
        }
        guard let after = envelope.after,
            let token = try member(TableName.valueColumn, of: value, in: after)
        else { throw DecodeError("the event has no \(TableName.valueColumn) after it", at: 0) }
        return (kind, token)
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
