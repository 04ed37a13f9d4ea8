import ChangeEvents

/// The schemas that a record brings: what a table for it would look like.
struct RecordSchema: Sendable {
    /// The key's schema, if it has one: a struct or one primitive value.
    var key: ConnectField?
    /// The fields of the row.
    var row: [ConnectField]

    init(key: ConnectField?, row: [ConnectField]) {
        (self.key, self.row) = (key, row)
    }

    /// Reads the schemas of a record; `nil` where its value has none, or one that describes no row.
    ///
    /// - Throws: `DecodeError` when the text is not JSON.
    init?(key: RawSpan?, value: RawSpan, _ form: RecordForm = .auto) throws(DecodeError) {
        guard let schema = try ConnectField.schema(of: value), schema.type == "struct" else { return nil }
        if form != .row, schema.fields.contains(where: { $0.name == "op" }),
            let after = schema.fields.first(where: { $0.name == "after" && $0.type == "struct" })
        {
            row = after.fields
        } else {
            row = schema.fields
        }
        if let key { self.key = try ConnectField.schema(of: key) }
    }

    /// Leaves out the fields that are not to be written; what a configured key needs stays.
    func passing(_ filter: FieldFilter, of topic: String, modes: WriteModes) -> RecordSchema {
        guard !filter.isEmpty else { return self }
        let row = row.filter { field in
            filter.passes(field.name, of: topic)
                || modes.keyFields.holds(modes.identifiers.name(field.name))
        }
        return RecordSchema(key: key, row: row)
    }

    /// The fields of the row that a table lacks; what stands in the record's key is never added.
    func missing(in table: TableSchema, modes: WriteModes) -> [ConnectField] {
        let chosen = modes.keyFields.isEmpty ? (key?.fields ?? []).map(\.name) : modes.keyFields
        let keyNames = modes.keyMode == .recordKey ? chosen.map(modes.identifiers.name) : []
        return row.filter { field in
            !keyNames.holds(modes.identifiers.name(field.name)) && table.column(ofField: field.name) == nil
                && !table.passesOver(field.name) && table.uncarriedType(ofField: field.name) == nil
        }
    }
}
