/// What is wrong with a configuration, property by property (`ConfigInfos`).
struct ValidationDocument: Encodable, Equatable, Sendable {
    struct Definition: Encodable, Equatable, Sendable {
        let name: String
        let type: String
        let required: Bool
        let fallback: String?
        let importance: String
        let documentation: String
        let group: String?
        let order: Int
        let width = "MEDIUM"
        let dependents: [String] = []

        private enum CodingKeys: String, CodingKey {
            case name, type, required, importance, documentation, group, width, dependents
            case order = "order_in_group"
            case title = "display_name"
            case fallback = "default_value"
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(name, forKey: .name)
            try members.encode(name, forKey: .title)
            try members.encode(type, forKey: .type)
            try members.encode(required, forKey: .required)
            // Clients ask for the member, and take null.
            try members.encode(fallback, forKey: .fallback)
            try members.encode(importance, forKey: .importance)
            try members.encode(documentation, forKey: .documentation)
            try members.encode(group, forKey: .group)
            try members.encode(order, forKey: .order)
            try members.encode(width, forKey: .width)
            try members.encode(dependents, forKey: .dependents)
        }
    }

    struct Value: Encodable, Equatable, Sendable {
        let name: String
        /// Absent for what is or may be a secret.
        let value: String?
        let recommended: [String]
        var errors: [String]
        let visible = true

        private enum CodingKeys: String, CodingKey {
            case name, value, errors, visible
            case recommended = "recommended_values"
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(name, forKey: .name)
            try members.encode(value, forKey: .value)
            try members.encode(recommended, forKey: .recommended)
            try members.encode(errors, forKey: .errors)
            try members.encode(visible, forKey: .visible)
        }
    }

    struct Entry: Encodable, Equatable, Sendable {
        let definition: Definition
        var value: Value
    }

    let name: String
    let errorCount: Int
    let groups: [String]
    let configs: [Entry]

    private enum CodingKeys: String, CodingKey {
        case name, groups, configs
        case errorCount = "error_count"
    }

    /// - Parameters:
    ///   - type: the connector's class, as it was asked for.
    ///   - given: its properties.
    ///   - problems: all that is wrong with them.
    init(_ type: String, _ given: [String: String], _ problems: [ConfigurationProblem]) {
        name = type
        var errors: [String: [String]] = [:]
        for problem in problems {
            let value = problem.value.map { "Invalid value \($0) for configuration " } ?? ""
            errors[problem.property, default: []].append("\(value)\(problem.property): \(problem.reason)")
        }
        var entries: [Entry] = []
        var shown: Set<String> = []
        for (group, properties) in Self.catalog {
            for property in properties {
                let names = property.names.filter { given[$0] != nil || errors[$0] != nil }
                for name in names.isEmpty ? [property.name] : names where shown.insert(name).inserted {
                    let definition = Self.definition(name, property, group, order: entries.count)
                    entries.append(Self.entry(definition, property, given[name], errors[name] ?? []))
                }
            }
        }
        // What is no property at all, or one of many of a kind.
        for name in Set(given.keys).union(errors.keys).subtracting(shown).sorted() {
            let definition = Definition(
                name: name,
                type: Self.type(of: name, nil),
                required: false,
                fallback: nil,
                importance: "LOW",
                documentation: "",
                group: nil,
                order: entries.count
            )
            entries.append(Self.entry(definition, nil, given[name], errors[name] ?? []))
        }
        configs = entries
        groups = Self.catalog.map(\.group)
        errorCount = entries.count { !$0.value.errors.isEmpty }
    }

    private static let catalog = PropertyCatalog.groups.map { group in
        (
            group: group.title,
            properties: group.properties.filter { $0.meaning != nil && !$0.name.ends(with: "*") }
        )
    }

    private static let required: Set<String> = ["name", "connector.class", "connection.url"]

    private static func definition(
        _ name: String,
        _ property: PropertyEntry,
        _ group: String,
        order: Int
    ) -> Definition {
        let text = property.meaning
        let isRequired = required.contains(property.name)
        return Definition(
            name: name,
            type: type(of: name, text),
            required: isRequired,
            fallback: text.flatMap { $0.fallback.isEmpty ? nil : $0.fallback },
            importance: isRequired ? "HIGH" : "MEDIUM",
            documentation: text?.meaning ?? "",
            group: group,
            order: order
        )
    }

    private static func entry(
        _ definition: Definition,
        _ property: PropertyEntry?,
        _ given: String?,
        _ errors: [String]
    ) -> Entry {
        var recommended: [String] = []
        if case .words(let words)? = property?.meaning?.values {
            recommended = words
        }
        let isSecret = PropertyReader.isSecret(definition.name)
        return Entry(
            definition: definition,
            value: Value(
                name: definition.name,
                value: isSecret ? nil : given ?? definition.fallback,
                recommended: recommended,
                errors: errors
            )
        )
    }

    private static func type(of name: String, _ text: PropertyEntry.Meaning?) -> String {
        if PropertyReader.isSecret(name) { return "PASSWORD" }
        guard let text else { return "STRING" }
        if case .words(let words) = text.values, words == ["true", "false"] { return "BOOLEAN" }
        return Int(text.fallback) == nil ? "STRING" : "INT"
    }
}
