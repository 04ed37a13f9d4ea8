/// How names of topics, fields and key columns become names of tables and columns: `quote.identifiers`.
enum IdentifierCase: Sendable {
    /// In lower case, as PostgreSQL reads names without quotes.
    case folded
    /// As they stand, as PostgreSQL reads names in quotes.
    case preserved

    func name(_ text: String) -> String { self == .folded ? text.lowercasedASCII : text }
}

extension PropertyReader {
    /// Takes the properties of all three sinks, which must not contradict each other.
    ///
    /// Debezium's sink folds unless told not to; those of Confluent and Aiven quote unless told not to, so
    /// `connector.class` decides where the file does not say. Call it before that is taken.
    mutating func identifierCase() -> IdentifierCase {
        let type = peek("connector.class") ?? ""
        let isConfluent = type.begins(with: "io.confluent.") || type.begins(with: "io.aiven.")
        let given = [
            ("quote.identifiers", "true", "false"), ("sql.quote.identifiers", "true", "false"),
            ("quote.sql.identifiers", "always", "never"),
        ].compactMap { property, yes, no in quoting(property, yes, no).map { (property: property, isOn: $0) }
        }
        guard let first = given.first else { return isConfluent ? .preserved : .folded }
        if let other = given.first(where: { $0.isOn != first.isOn }) {
            add(
                other.property,
                peek(other.property),
                "contradicts \(first.property); one of the two is enough"
            )
        }
        return first.isOn ? .preserved : .folded
    }

    private mutating func quoting(_ property: String, _ yes: String, _ no: String) -> Bool? {
        guard let value = take(property) else { return nil }
        switch value.trimmed.lowercasedASCII {
        case yes: return true
        case no: return false
        default:
            add(property, value, "must be \(yes) or \(no)")
            return nil
        }
    }
}
