/// How names of topics, fields and key columns become names of tables and columns: `quote.identifiers`.
enum IdentifierCase: Sendable {
    /// In lower case, as PostgreSQL reads names without quotes.
    case folded
    /// As they stand, as PostgreSQL reads names in quotes.
    case preserved

    func name(_ text: String) -> String { self == .folded ? text.lowercasedASCII : text }
}

extension PropertyReader {
    /// Whether the configuration is one of Confluent's sink or of Aiven's, which has the same origin.
    var isConfluent: Bool {
        let type = peek(PropertyCatalog.connectorClass) ?? ""
        return type.begins(with: "io.confluent.") || type.begins(with: "io.aiven.")
    }

    /// Takes the properties of all three sinks, which must not contradict each other.
    ///
    /// Debezium's sink folds unless told not to; those of Confluent and Aiven quote unless told not to, so
    /// `connector.class` decides where the file does not say. Call it before that is taken.
    mutating func identifierCase() -> IdentifierCase {
        let properties = [
            PropertyCatalog.quoting, PropertyCatalog.aivenQuoting, PropertyCatalog.confluentQuoting,
        ]
        let given = properties.compactMap { property in
            read(property).map { (property: property, isOn: $0) }
        }
        guard let first = given.first else { return isConfluent ? .preserved : .folded }
        if let other = given.first(where: { $0.isOn != first.isOn }) {
            add(other.property, nil, "contradicts \(first.property.name); one of the two is enough")
        }
        return first.isOn ? .preserved : .folded
    }
}
