/// What records do to a table: the properties of modes and keys, validated together.
struct WriteModes: Sendable {
    var insertMode = InsertMode.insert
    var keyMode = KeyMode.none
    /// Names of the key's columns as configured, folded already; empty means the table's primary key.
    var keyFields: [String] = []
    var deletesRows = false
    var truncatesTables = false
    /// What stands for a large value that did not change, as the source connector is configured.
    var placeholder = UnavailableValue.defaultText
    /// What a number in a time or timestamp counts where records have no schema; `nil` where nobody said.
    var timePrecision: TimePrecision?
    /// What a record's value is.
    var recordForm = RecordForm.auto
    /// Whether the peer of this configuration takes each record as a row: it reads no envelopes, and nothing unwraps them.
    var expectsRows = false
    /// How fields and configured names become names of columns.
    var identifiers = IdentifierCase.folded
    /// What may be done to the tables themselves.
    var evolution = SchemaEvolution()

    init() {}

    /// Takes the properties; combinations whose statements would have no WHERE are refused.
    ///
    /// - Parameter expectsRows: whether the peer of this configuration takes each record as a row.
    init(_ reader: inout PropertyReader, identifiers: IdentifierCase, expectsRows: Bool = false) {
        (self.identifiers, self.expectsRows) = (identifiers, expectsRows)
        insertMode = reader.read(PropertyCatalog.insertMode)
        keyMode = reader.read(PropertyCatalog.keyMode)
        keyFields = reader.read(PropertyCatalog.keyFields).map(identifiers.name)
        deletesRows = reader.read(PropertyCatalog.deletes)
        truncatesTables = reader.read(PropertyCatalog.truncates)
        placeholder = reader.read(PropertyCatalog.placeholder)
        timePrecision = reader.read(PropertyCatalog.timePrecision)
        recordForm = reader.read(PropertyCatalog.recordForm)
        evolution = SchemaEvolution(&reader)
        if keyMode == .none, insertMode != .insert {
            reader.add(
                PropertyCatalog.keyMode,
                keyMode.rawValue,
                "insert.mode \(insertMode.rawValue) finds rows by their key; set kafka, record_key, record_value "
                    + "or record_header"
            )
        }
        if deletesRows, !keyMode.canDelete {
            reader.add(
                PropertyCatalog.deletes,
                "true",
                "with primary.key.mode \(keyMode.rawValue) a delete does not say which row it means; set "
                    + "record_key, record_value or record_header"
            )
        }
        if keyMode == .kafka {
            if keyFields.isEmpty { keyFields = KeyMode.kafkaColumns }
            if keyFields.count != 3 {
                reader.add(
                    PropertyCatalog.keyFields,
                    keyFields.joined(separator: ","),
                    "primary.key.mode kafka takes three columns: topic, partition, offset"
                )
            }
        }
    }

    /// The rights that the statements need.
    var privileges: [String] {
        let writing: [String]
        switch insertMode {
        case .insert: writing = ["insert"]
        case .upsert: writing = ["select", "insert", "update"]
        case .update: writing = ["select", "update"]
        }
        return writing + (deletesRows ? ["delete"] : []) + (truncatesTables ? ["truncate"] : [])
    }

    /// What the table must have.
    var keyRequirement: KeyRequirement {
        if keyMode == .none { return .none }
        return insertMode == .upsert ? .unique : .columns
    }
}
