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
        insertMode = reader.choice("insert.mode", default: .insert, otherNames: InsertMode.otherNames)
        keyMode = reader.choice("primary.key.mode", alias: "pk.mode", default: .none)
        keyFields = (reader.take("primary.key.fields", alias: "pk.fields") ?? "")
            .parts(at: ",").map { identifiers.name($0.trimmed) }.filter { !$0.isEmpty }
        deletesRows = reader.flag("delete.enabled", default: false)
        truncatesTables = reader.flag("truncate.enabled", default: false)
        if let text = reader.take("unavailable.value.placeholder") {
            placeholder = text
            if text.isEmpty { reader.add("unavailable.value.placeholder", text, "must not be empty") }
        }
        timePrecision = reader.peek("time.precision.mode").map { _ in
            reader.choice("time.precision.mode", default: .adaptive)
        }
        recordForm = reader.choice("record.form", default: .auto)
        evolution = SchemaEvolution(&reader)
        if keyMode == .none, insertMode != .insert {
            reader.add(
                "primary.key.mode",
                keyMode.rawValue,
                "insert.mode \(insertMode.rawValue) finds rows by their key; set kafka, record_key, record_value "
                    + "or record_header"
            )
        }
        if deletesRows, !keyMode.canDelete {
            reader.add(
                "delete.enabled",
                "true",
                "with primary.key.mode \(keyMode.rawValue) a delete does not say which row it means; set "
                    + "record_key, record_value or record_header"
            )
        }
        if keyMode == .kafka {
            if keyFields.isEmpty { keyFields = KeyMode.kafkaColumns }
            if keyFields.count != 3 {
                reader.add(
                    "primary.key.fields",
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

extension PropertyReader {
    /// A property with a fixed set of words, in any case.
    ///
    /// A word that is none of them is a problem, never the default.
    fileprivate mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ property: String,
        alias: String? = nil,
        default fallback: Choice,
        otherNames: [String: Choice] = [:]
    ) -> Choice {
        guard let value = take(property, alias: alias) else { return fallback }
        let word = value.trimmed.lowercasedASCII
        if let choice = Choice(rawValue: word) ?? otherNames[word] { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        add(property, value, "must be one of \(words)")
        return fallback
    }
}
