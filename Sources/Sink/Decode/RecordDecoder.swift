import Shared

/// Turns a record's key and value into a change of one row of a table.
///
/// The key comes from the record's key, the other columns from `after`. JSON names are matched with the
/// table's column names, which PostgreSQL has folded to lower case.
struct RecordDecoder {
    private let table: TableSchema
    private let deletesRows: Bool
    private var keyOrder = ColumnOrder()
    private var rowOrder = ColumnOrder()
    private var keySchemas = FieldSchemas()
    private var rowSchemas = FieldSchemas()

    init(table: TableSchema, deletesRows: Bool) {
        self.table = table
        self.deletesRows = deletesRows
    }

    /// Decodes into `row`.
    ///
    /// - Returns: false when the record changes nothing: a delete that is not wanted, a truncate, a message.
    /// - Throws: `DecodeError` that says what is wrong with the record.
    mutating func decode(key: RawSpan?, value: RawSpan?, into row: inout Row) throws(DecodeError) -> Bool {
        row.clear()
        guard let value, try !Self.isNullPayload(value) else {
            guard deletesRows else { return false }
            row.change = .delete
            try decodeKey(key, into: &row)
            return true
        }
        let envelope = try Envelope(value)
        switch envelope.operation {
        case .create, .update, .read:
            guard let after = envelope.after else {
                throw DecodeError("the event has no row after the change", at: 0)
            }
            row.change = .upsert
            try decodeKey(key, into: &row)
            try decodeColumns(value, after, into: &row)
        case .delete:
            guard deletesRows else { return false }
            row.change = .delete
            try decodeKey(key, into: &row)
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

    private mutating func decodeKey(_ key: RawSpan?, into row: inout Row) throws(DecodeError) {
        guard let key else { throw DecodeError("the record has no key, primary.key.mode needs one", at: 0) }
        var scanner = JSONScanner(key, in: try Payload.range(of: key))
        try keySchemas.update(key, table)
        if try scanner.peekKind() != .object {
            // A primitive key stands for the only key column.
            guard table.keyCount == 1 else {
                throw DecodeError(
                    "the key is one value, the table's key has \(table.keyCount) columns",
                    at: 0
                )
            }
            try ValueDecoder.decode(&scanner, table.columns[0], at: 0, schema: keySchemas[0], into: &row)
        } else {
            keyOrder.restart()
            try scanner.openObject()
            while let name = try scanner.nextKey() {
                guard let index = keyOrder.column(name, scanner, table), index < table.keyCount else {
                    throw DecodeError(
                        "key field \(try scanner.value(of: name)) is no key column of \(table.qualifiedName)",
                        at: name.range.lowerBound
                    )
                }
                let schema = keySchemas[index]
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, schema: schema, into: &row)
            }
        }
        for index in 0..<table.keyCount {
            switch row.cells[index] {
            case .absent: throw DecodeError("the key lacks \(table.columns[index].name)", at: 0)
            case .null: throw DecodeError("key column \(table.columns[index].name) is null", at: 0)
            case .integer, .text: break
            }
        }
    }

    private mutating func decodeColumns(
        _ value: RawSpan,
        _ after: Range<Int>,
        into row: inout Row
    ) throws(DecodeError) {
        var scanner = JSONScanner(value, in: after)
        rowOrder.restart()
        try rowSchemas.update(value, table)
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            guard let index = rowOrder.column(name, scanner, table) else {
                throw DecodeError(
                    "column \(try scanner.value(of: name)) is not in table \(table.qualifiedName); add it there",
                    at: name.range.lowerBound
                )
            }
            if index < table.keyCount {
                try scanner.skipValue()
            } else {
                let schema = rowSchemas[index]
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, schema: schema, into: &row)
            }
        }
    }
}

/// Finds columns by name.
///
/// Events of one table name their columns in one order, so the name that stood in the same place last time
/// is tried first.
private struct ColumnOrder {
    private var learned: [Int] = []
    private var position = 0

    mutating func restart() {
        position = 0
    }

    mutating func column(
        _ name: JSONScanner.Text,
        _ scanner: borrowing JSONScanner,
        _ table: TableSchema
    ) -> Int? {
        defer { position += 1 }
        if position < learned.count, scanner.matches(name, table.columns[learned[position]].utf8Name) {
            return learned[position]
        }
        guard let text = try? scanner.value(of: name).lowercased(),
            let index = table.columns.firstIndex(where: { $0.name == text })
        else { return nil }
        if position < learned.count { learned[position] = index } else { learned.append(index) }
        return index
    }
}
