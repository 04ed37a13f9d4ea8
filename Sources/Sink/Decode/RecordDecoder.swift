import Shared

/// Turns a record into a change of one row of a table.
///
/// The key comes from where `primary.key.mode` says, the other columns from the row after the change. JSON
/// names are matched with the table's column names, which PostgreSQL has folded to lower case.
struct RecordDecoder {
    let table: TableSchema
    let modes: WriteModes
    var keyOrder = ColumnOrder()
    private var rowOrder = ColumnOrder()

    init(table: TableSchema, modes: WriteModes) {
        (self.table, self.modes) = (table, modes)
    }

    /// Decodes into `row`.
    ///
    /// - Returns: false when the record changes nothing: a delete that is not wanted, a truncate, a message.
    /// - Throws: `DecodeError` that says what is wrong with the record.
    mutating func decode(
        key: RawSpan?,
        value: RawSpan?,
        context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) -> Bool {
        row.clear()
        guard let value, try !Self.isNullPayload(value) else {
            guard modes.deletesRows, modes.keyMode.knowsRowOfTombstone else { return false }
            row.change = .delete
            try decodeKey(key, context, into: &row)
            return true
        }
        let envelope = try Envelope(value)
        switch envelope.operation {
        case .create, .update, .read:
            guard let after = envelope.after else {
                throw DecodeError("the event has no row after the change", at: 0)
            }
            row.change = .upsert
            try decodeRow(key, value, after, context, into: &row)
        case .delete:
            guard modes.deletesRows else { return false }
            row.change = .delete
            try decodeDelete(key, value, envelope.before, context, into: &row)
        case .truncate, .message: return false
        }
        return true
    }

    /// Whether a converter wrote the tombstone as `{"schema":null,"payload":null}` or `null`.
    private static func isNullPayload(_ value: RawSpan) throws(DecodeError) -> Bool {
        guard value.byteCount <= 64 else { return false }
        var scanner = JSONScanner(value, in: try Payload.range(of: value))
        return try scanner.consumeNull()
    }

    /// A row after a change: the key and all columns.
    private mutating func decodeRow(
        _ key: RawSpan?,
        _ value: RawSpan,
        _ after: Range<Int>,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) {
        if modes.keyMode != .recordValue { try decodeKey(key, context, into: &row) }
        try decodeColumns(value, after, into: &row)
        if modes.keyMode == .recordValue { try checkKey(row) }
    }

    /// The key of a row that is gone.
    private mutating func decodeDelete(
        _ key: RawSpan?,
        _ value: RawSpan,
        _ before: Range<Int>?,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) {
        guard modes.keyMode == .recordValue else { return try decodeKey(key, context, into: &row) }
        guard let before else {
            throw DecodeError("the delete has no row before the change, where its key would be", at: 0)
        }
        var scanner = JSONScanner(value, in: before)
        rowOrder.restart()
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            if let index = rowOrder.column(name, scanner, table), index < table.keyCount {
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, into: &row)
            } else {
                try scanner.skipValue()
            }
        }
        try checkKey(row)
    }

    private mutating func decodeColumns(
        _ value: RawSpan,
        _ after: Range<Int>,
        into row: inout Row
    ) throws(DecodeError) {
        let keyIsElsewhere = modes.keyMode != .recordValue
        var scanner = JSONScanner(value, in: after)
        rowOrder.restart()
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            guard let index = rowOrder.column(name, scanner, table) else {
                throw DecodeError(
                    "column \(try scanner.value(of: name)) is not in table \(table.qualifiedName); add it there",
                    at: name.range.lowerBound
                )
            }
            if index < table.keyCount, keyIsElsewhere {
                try scanner.skipValue()
            } else {
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, into: &row)
            }
        }
    }
}
