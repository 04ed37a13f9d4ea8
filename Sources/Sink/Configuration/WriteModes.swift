/// What records do to a table: the properties of modes and keys, validated together.
struct WriteModes: Sendable {
    var insertMode = InsertMode.insert
    var keyMode = KeyMode.none
    /// Names of the key's columns as configured, folded already; empty means the table's primary key.
    var keyFields: [String] = []
    var deletesRows = false
    /// The column that marks deleted rows; `nil` where deletes remove them.
    var softDeleteColumn: String?
    var truncatesTables = false
    /// What stands for a large value that did not change, as the source connector is configured.
    var placeholder = UnavailableValue.defaultText
    /// How values are read.
    var values = ValueReading()
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
        values.timePrecision = reader.read(PropertyCatalog.timePrecision)
        values.rounds = reader.read(PropertyCatalog.rounding) == .postgresql
        recordForm = reader.read(PropertyCatalog.recordForm)
        evolution = SchemaEvolution(&reader)
        values.readsTexts = reader.readsTexts
        if reader.read(PropertyCatalog.tombstones), deletesRows {
            reader.add(PropertyCatalog.tombstones, "true", "leaves out deletes, which delete.enabled wants")
        }
        takeSoftDelete(&reader)
        if keyMode == .none, insertMode.changesRows {
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

    /// Takes what a delete does where it does not remove the row.
    private mutating func takeSoftDelete(_ reader: inout PropertyReader) {
        let mode = reader.read(PropertyCatalog.deleteMode)
        let column = reader.read(PropertyCatalog.softDeleteColumn)?.trimmed ?? ""
        guard mode == .soft else {
            if !column.isEmpty {
                reader.add(PropertyCatalog.softDeleteColumn, column, "needs delete.mode = soft")
            }
            return
        }
        if !deletesRows {
            reader.add(PropertyCatalog.deleteMode, mode.rawValue, "needs delete.enabled = true")
        }
        if !insertMode.changesRows {
            reader.add(
                PropertyCatalog.deleteMode,
                mode.rawValue,
                "needs insert.mode upsert or update: a row that comes back is there already"
            )
        }
        if truncatesTables {
            reader.add(PropertyCatalog.truncates, "true", "removes rows, which delete.mode soft keeps")
        }
        let name = identifiers.name(column)
        if name.isEmpty {
            reader.add(
                PropertyCatalog.softDeleteColumn,
                nil,
                "is missing: the column that marks deleted rows, a boolean or a timestamp"
            )
        } else if keyFields.holds(name) {
            reader.add(PropertyCatalog.softDeleteColumn, column, "is also in primary.key.fields")
        }
        softDeleteColumn = name
    }

    /// The rights that the statements need.
    var privileges: [String] {
        let writing: [String]
        switch insertMode {
        case .insert: writing = ["insert"]
        case .ignore where keyMode == .none: writing = ["insert"]
        // Of a row that is deleted and comes back in one batch nothing old stays.
        case .ignore: writing = ["select", "insert"] + (deletesRows ? ["update"] : [])
        case .upsert: writing = ["select", "insert", "update"]
        case .update: writing = ["select", "update"]
        }
        return writing + (deletesRows && softDeleteColumn == nil ? ["delete"] : [])
            + (truncatesTables ? ["truncate"] : [])
    }

    /// What the table must have.
    var keyRequirement: KeyRequirement {
        if keyMode == .none { return .none }
        return insertMode == .upsert || insertMode == .ignore ? .unique : .columns
    }
}
