import ChangeEvents

/// Turns a record into a change of one row of a table.
///
/// The key comes from where `primary.key.mode` says, the other columns from the row after the change. JSON
/// names are matched with the table's column names as `quote.identifiers` says.
struct RecordDecoder {
    let table: TableSchema
    let modes: WriteModes
    var keyOrder: ColumnOrder
    private var rowOrder: ColumnOrder
    var keySchemas: FieldSchemas
    private var rowSchemas: FieldSchemas
    private let reading: RecordReading
    private var former = FormerEvent()
    private let unavailable: UnavailableValue
    private var written: WrittenFields

    init(
        table: TableSchema,
        modes: WriteModes,
        filter: FieldFilter = FieldFilter(),
        topic: String = ""
    ) {
        self.modes = modes
        let bare = table.columns.map { column in modes.values.timePrecision?.schema(of: column.type) }
        let table = modes.values.applied(to: table)
        self.table = table
        written = WrittenFields(filter, of: topic, in: table)
        keyOrder = ColumnOrder(table)
        rowOrder = keyOrder
        unavailable = UnavailableValue(modes.placeholder)
        reading = RecordReading(modes.recordForm, expectsRows: modes.expectsRows, table: table)
        let hasBare = bare.contains { $0 != nil }
        keySchemas = FieldSchemas(bare: hasBare ? bare : [])
        rowSchemas = FieldSchemas(bare: hasBare ? bare : [], reading: reading)
    }

    /// Which fields are written.
    var filter: FieldFilter { written.filter }

    /// Decodes into `row`.
    ///
    /// - Returns: false when the record changes nothing: a delete or truncate that is not wanted, a message.
    /// - Throws: `DecodeError` that says what is wrong with the record.
    mutating func decode(
        key: RawSpan?,
        value: RawSpan?,
        context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) -> Bool {
        row.clear()
        guard let value else { return try decodeTombstone(key, context, into: &row) }
        let knownSchema = try rowSchemas.update(value, table)
        let takesEnvelopes = reading.takesEnvelopes(isNamedEnvelope: rowSchemas.isNamedEnvelope)
        let found = try RecordValue(
            value,
            knownSchema: knownSchema,
            like: &former,
            takesEnvelopes: takesEnvelopes
        )
        switch found {
        case .null: return try decodeTombstone(key, context, into: &row)
        case .envelope(let envelope):
            if case .bySchema = reading, rowSchemas.isEmpty { throw Self.ambiguous(table) }
            return try decode(envelope, key, value, context, into: &row)
        case .row(let range, let deleted):
            if case .envelopes = reading {
                throw DecodeError(
                    "the value is no change event, and record.form is envelope",
                    at: range.lowerBound
                )
            }
            return try decodeFlat(key, value, range, deleted: deleted, context, into: &row)
        }
    }

    private static func ambiguous(_ table: TableSchema) -> DecodeError {
        DecodeError(
            "the value can be a change event or a row of \(table.qualifiedName), which has columns called op and source; "
                + "set record.form to envelope or row",
            at: 0,
            concernsTable: true
        )
    }

    private mutating func decodeTombstone(
        _ key: RawSpan?,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) -> Bool {
        guard modes.deletesRows, modes.keyMode.knowsRowOfTombstone else { return false }
        row.change = .delete
        row.kind = .delete
        try decodeKey(key, context, into: &row)
        return true
    }

    private mutating func decode(
        _ envelope: Envelope,
        _ key: RawSpan?,
        _ value: RawSpan,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) -> Bool {
        switch envelope.operation {
        case .create, .update, .read:
            guard let after = envelope.after else {
                throw DecodeError("the event has no row after the change", at: 0)
            }
            row.change = .upsert
            row.kind = EventKind(envelope.operation)
            try decodeRow(key, value, after, context, into: &row)
            if envelope.operation != .update, !context.completesKeyChange, let column = row.unchanged.first {
                throw DecodeError(
                    "a new row leaves out the unchanged large value of \(table.columns[column].name): the source "
                        + "changed the row's key, and only REPLICA IDENTITY FULL has the value in the event",
                    at: after.lowerBound
                )
            }
        case .delete:
            guard modes.deletesRows else { return false }
            row.change = .delete
            row.kind = .delete
            try decodeDelete(key, value, envelope.before, context, into: &row)
        case .truncate:
            guard modes.truncatesTables else { return false }
            row.change = .truncate
            row.kind = .truncate
        case .message: return false
        }
        return true
    }

    /// A record that is the row itself; `__deleted` tells that the row is gone.
    private mutating func decodeFlat(
        _ key: RawSpan?,
        _ value: RawSpan,
        _ range: Range<Int>,
        deleted: Range<Int>?,
        _ context: RecordContext,
        into row: inout Row
    ) throws(DecodeError) -> Bool {
        if let deleted, try Self.isTrue(value, deleted) {
            if modes.deletesRows {
                row.change = .delete
                row.kind = .delete
                try decodeDelete(key, value, range, context, into: &row)
                return true
            }
            // With a column for it the user wants to see the row marked; without, deletes are not wanted.
            guard table.columns.contains(where: { $0.name == "__deleted" }) else { return false }
        }
        row.change = .upsert
        row.kind = .upsert
        try decodeRow(key, value, range, context, isFlat: true, into: &row)
        return true
    }

    private static func isTrue(_ value: RawSpan, _ range: Range<Int>) throws(DecodeError) -> Bool {
        var scanner = JSONScanner(value, in: range)
        switch try scanner.peekKind() {
        case .boolean: return try scanner.boolean()
        case .null: return false
        case .string:
            let text = try scanner.string()
            if scanner.matches(text, "true") { return true }
            if scanner.matches(text, "false") { return false }
            fallthrough
        default: throw DecodeError("__deleted is neither true nor false", at: range.lowerBound)
        }
    }

    /// A row after a change: the key and all columns.
    private mutating func decodeRow(
        _ key: RawSpan?,
        _ value: RawSpan,
        _ after: Range<Int>,
        _ context: RecordContext,
        isFlat: Bool = false,
        into row: inout Row
    ) throws(DecodeError) {
        if modes.keyMode != .recordValue { try decodeKey(key, context, into: &row) }
        try decodeColumns(value, after, isFlat: isFlat, into: &row)
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
            if let index = rowOrder.column(name, scanner), index < table.keyCount {
                let schema = rowSchemas[index]
                try ValueDecoder.decode(&scanner, table.columns[index], at: index, schema: schema, into: &row)
            } else {
                try scanner.skipValue()
            }
        }
        try checkKey(row)
    }

    private mutating func decodeColumns(
        _ value: RawSpan,
        _ after: Range<Int>,
        isFlat: Bool,
        into row: inout Row
    ) throws(DecodeError) {
        let keyIsElsewhere = modes.keyMode != .recordValue
        // Lent from here: taken from the decoder, each would cost reference counts for each field.
        let (table, unavailable) = (table, unavailable)
        let columns = table.columns.span
        var scanner = JSONScanner(value, in: after)
        rowOrder.restart()
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            if written.knows(name, scanner) {
                try scanner.skipValue()
                continue
            }
            guard let index = rowOrder.column(name, scanner) else {
                if try written.passOver(name, scanner, table) {
                    try scanner.skipValue()
                    continue
                }
                // What ExtractNewRecordState adds (__op, __lsn, __source_…) is the table's only if it has it,
                // or if it can be given it.
                let isAddable = modes.evolution.addsColumns && !rowSchemas.isEmpty
                if isFlat, !isAddable, scanner.matches(name, prefix: "__") {
                    try scanner.skipValue()
                    continue
                }
                let field = try scanner.value(of: name)
                if let type = table.uncarriedType(ofField: field) {
                    throw DecodeError(
                        "column \(field) has type \(type), which this version cannot carry; leave it out with "
                            + "field.exclude.list",
                        at: name.range.lowerBound,
                        concernsTable: true
                    )
                }
                throw DecodeError(
                    "column \(field) is not in table \(table.qualifiedName); add it there",
                    at: name.range.lowerBound,
                    concernsTable: true
                )
            }
            if index < table.keyCount, keyIsElsewhere {
                try scanner.skipValue()
            } else if !written.takes(index) {
                try scanner.skipValue()
            } else if unavailable.consume(&scanner, of: columns[index]) {
                try keepUnchanged(index, at: name.range.lowerBound, &row)
            } else {
                let schema = rowSchemas[index]
                try ValueDecoder.decode(&scanner, columns[index], at: index, schema: schema, into: &row)
            }
        }
    }

    private func keepUnchanged(_ index: Int, at position: Int, _ row: inout Row) throws(DecodeError) {
        guard modes.insertMode.changesRows, index >= table.keyCount else {
            throw DecodeError(
                "the event leaves out the unchanged large value of \(table.columns[index].name), which "
                    + "insert.mode \(modes.insertMode.rawValue) needs there; REPLICA IDENTITY FULL has it in the event",
                at: position
            )
        }
        row.unchanged.append(index)
    }
}

extension EventKind {
    /// The kind of an operation that writes a row.
    fileprivate init(_ operation: Envelope.Operation) {
        switch operation {
        case .create: self = .insert
        case .read: self = .read
        default: self = .update
        }
    }
}
