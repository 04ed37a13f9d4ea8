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
    /// How fields and configured names become names of columns.
    var identifiers = IdentifierCase.folded
    /// What may be done to the tables themselves.
    var evolution = SchemaEvolution()

    init() {}

    /// Takes the properties; combinations whose statements would have no WHERE are refused.
    init(_ reader: inout PropertyReader, identifiers: IdentifierCase) {
        self.identifiers = identifiers
        insertMode = reader.choice("insert.mode", default: .insert)
        keyMode = reader.choice("primary.key.mode", alias: "pk.mode", default: .none)
        keyFields = (reader.take("primary.key.fields", alias: "pk.fields") ?? "")
            .split(separator: ",").map { identifiers.name($0.trimming) }.filter { !$0.isEmpty }
        deletesRows = reader.flag("delete.enabled", default: false)
        truncatesTables = reader.flag("truncate.enabled", default: false)
        if let text = reader.take("unavailable.value.placeholder") {
            placeholder = text
            if text.isEmpty { reader.add("unavailable.value.placeholder", text, "must not be empty") }
        }
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
        default fallback: Choice
    ) -> Choice {
        guard let value = take(property, alias: alias) else { return fallback }
        if let choice = Choice(rawValue: value.trimming.lowercased()) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        add(property, value, "must be one of \(words)")
        return fallback
    }
}
