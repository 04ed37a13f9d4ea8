import ChangeEvents

/// Where the key columns' values come from, but for those that stand in the value.
extension RecordDecoder {
    mutating func decodeKey(
        _ key: RawSpan?,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) {
        switch modes.keyMode {
        case .none, .recordValue: return
        case .kafka: try decodePlace(context, into: &row)
        case .recordHeader: try decodeHeaders(context, into: &row)
        case .recordKey: try decodeRecordKey(key, into: &row)
        }
        try checkKey(row)
    }

    /// Checks that every key column has a value: a row without could not be found again.
    func checkKey(_ row: Row) throws(DecodeError) {
        for index in 0..<table.keyCount {
            switch row.cells[index] {
            case .absent: throw DecodeError("the key lacks \(table.columns[index].name)", at: 0)
            case .null: throw DecodeError("key column \(table.columns[index].name) is null", at: 0)
            default: break
            }
        }
    }

    private mutating func decodeRecordKey(_ key: RawSpan?, into row: inout Row) throws(DecodeError) {
        guard let key else { throw DecodeError("the record has no key, primary.key.mode needs one", at: 0) }
        var scanner = JSONScanner(key, in: try Payload.range(of: key))
        try keySchemas.update(key, table)
        guard try scanner.peekKind() == .object else {
            // A primitive key stands for the only key column.
            guard table.keyCount == 1 else {
                throw DecodeError(
                    "the key is one value, the table's key has \(table.keyCount) columns",
                    at: 0
                )
            }
            let schema = keySchemas[0]
            return try ValueDecoder.decode(&scanner, table.columns[0], at: 0, schema: schema, into: &row)
        }
        keyOrder.restart()
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            if let index = keyOrder.column(name, scanner), index < table.keyCount {
                let schema = keySchemas[index]
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, schema: schema, into: &row)
            } else if modes.keyFields.isEmpty {
                throw DecodeError(
                    "key field \(try scanner.value(of: name)) is no key column of \(table.qualifiedName)",
                    at: name.range.lowerBound,
                    concernsTable: true
                )
            } else {
                // primary.key.fields chooses some of the key's fields.
                try scanner.skipValue()
            }
        }
    }

    /// Topic, partition and offset, as JSON, so that the columns' types are checked like any value's.
    private func decodePlace(_ context: RecordContext, into row: inout Row) throws(DecodeError) {
        let texts = [
            JSONText.quoted(Array(context.topic.utf8)), Array(String(context.partition).utf8),
            Array(String(context.offset).utf8),
        ]
        for (field, text) in zip(modes.keyFields, texts) {
            guard let index = table.keyColumns.firstIndex(where: { $0.name.isSame(as: field) }) else {
                throw DecodeError(
                    "column \(field) is no key column of \(table.qualifiedName)",
                    at: 0,
                    concernsTable: true
                )
            }
            var scanner = JSONScanner(text.span.bytes)
            try ValueDecoder.decode(&scanner, table.columns[index], at: index, into: &row)
        }
    }

    /// Headers are JSON where the header converter is JsonConverter, and bare text where it is Connect's own
    /// (`SimpleHeaderConverter`): what is no JSON of the column's type is read as text.
    private func decodeHeaders(_ context: RecordContext, into row: inout Row) throws(DecodeError) {
        for (index, column) in table.keyColumns.enumerated() {
            guard let header = context.headers[ExactText(column.name)] else {
                throw DecodeError("the record has no header \(column.name), which is a key column", at: 0)
            }
            if (try? decodeHeader(header, at: index, into: &row)) == nil {
                try decodeHeader(JSONText.quoted(header), at: index, into: &row)
            }
        }
    }

    private func decodeHeader(_ text: [UInt8], at index: Int, into row: inout Row) throws(DecodeError) {
        let bytes = text.span.bytes
        var scanner = JSONScanner(bytes, in: try Payload.range(of: bytes))
        let schema = keySchemas[index]
        try ValueDecoder.decode(&scanner, table.columns[index], at: index, schema: schema, into: &row)
    }
}
