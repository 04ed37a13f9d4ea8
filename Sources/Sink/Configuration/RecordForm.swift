/// What a record's value is: `record.form`.
enum RecordForm: String, CaseIterable, Sendable {
    /// Its shape tells: what has `op`, `source` and a row before or after is a change event.
    case auto
    /// A change event; anything else is refused.
    case envelope
    /// The row itself, whatever its columns are called.
    case row
}

/// How a table's records are read.
enum RecordReading: Sendable {
    case byShape
    case envelopes
    case rows
    /// The table has columns that a change event's parts are called by, so the shape of a record does not tell; a schema
    /// does, by its name.
    case bySchema(otherwise: Otherwise)

    /// What a record without a schema is.
    enum Otherwise: Sendable {
        case row
        case refused
    }

    /// - Parameter expectsRows: whether the configuration is one with which the peers take each record as a row.
    init(_ form: RecordForm, expectsRows: Bool, table: TableSchema) {
        func has(_ name: String) -> Bool { table.column(ofField: name) != nil }
        switch form {
        case .envelope: self = .envelopes
        case .row: self = .rows
        case .auto where has("op") && has("source") && (has("before") || has("after") || has("message")):
            self = .bySchema(otherwise: expectsRows ? .row : .refused)
        case .auto: self = .byShape
        }
    }

    /// Whether a value that is like a change event is taken as one.
    ///
    /// - Parameter isNamedEnvelope: what the schema's name says; `nil` without a schema.
    func takesEnvelopes(isNamedEnvelope: Bool?) -> Bool {
        switch self {
        case .byShape, .envelopes: return true
        case .rows: return false
        case .bySchema(let otherwise): return isNamedEnvelope ?? (otherwise == .refused)
        }
    }
}
