import ChangeEvents

/// What a record says about the table that it wants.
enum WantedSchema {
    /// Nothing: it has no value, or is a message, and changes no row.
    case nothing
    /// It changes a row, and has no schema.
    case unknown
    case known(RecordSchema)
}

extension RecordView where Self: ~Copyable {
    func recordSchema(
        _ modes: WriteModes,
        _ texts: RecordTexts
    ) throws(DecodeError) -> WantedSchema {
        try withJSONKey(texts) { key throws(DecodeError) in
            try withJSONValue(texts) { value throws(DecodeError) in
                try WantedSchema.of(value, key: key, modes)
            }
        }
    }
}

extension WantedSchema {
    fileprivate static func of(
        _ value: RawSpan?,
        key: RawSpan?,
        _ modes: WriteModes
    ) throws(DecodeError) -> WantedSchema {
        guard let value else { return .nothing }
        switch try RecordValue(value, takesEnvelopes: modes.recordForm != .row) {
        case .null: return .nothing
        case .envelope(let envelope) where envelope.operation == .message: return .nothing
        default: break
        }
        return try RecordSchema(key: key, value: value, modes.recordForm).map { .known($0) } ?? .unknown
    }
}
