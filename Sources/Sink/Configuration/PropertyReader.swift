import Shared

/// Takes properties one by one and remembers all that is wrong; what nobody took is unknown.
struct PropertyReader {
    /// Properties that change nothing here, whatever their value: pools, retries and caches of the peers.
    static let effectless = [
        "connection.pool.min_size", "connection.pool.max_size", "connection.pool.acquire_increment",
        "connection.pool.timeout", "name",
    ]

    private var rest: [String: String]
    private var problems: [ConfigurationProblem] = []

    init(_ properties: [String: String]) {
        rest = properties
    }

    /// A value by either dialect's name; both at once are a problem unless they agree.
    mutating func take(_ property: String, alias: String? = nil) -> String? {
        let value = rest.removeValue(forKey: property)
        guard let alias, let other = rest.removeValue(forKey: alias) else { return value }
        if let value, value != other {
            add(property, value, "contradicts \(alias) = \"\(other)\": they are the same property")
        }
        return value ?? other
    }

    mutating func ignore(_ property: String) {
        rest[property] = nil
    }

    mutating func required(_ property: String, hint: String) -> String {
        if let value = take(property), !value.trimming.isEmpty { return value.trimming }
        add(property, nil, "is missing: \(hint)")
        return ""
    }

    mutating func flag(_ property: String, default fallback: Bool) -> Bool {
        guard let value = take(property) else { return fallback }
        switch value.lowercased() {
        case "true": return true
        case "false": return false
        default:
            add(property, value, "must be true or false")
            return fallback
        }
    }

    mutating func number(_ property: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let value = take(property) else { return fallback }
        if let number = Int(value.trimming), range.contains(number) { return number }
        add(property, value, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        return fallback
    }

    /// A property of which this version supports certain values only.
    mutating func only(
        _ property: String,
        alias: String? = nil,
        _ allowed: [String],
        default fallback: String? = nil,
        because reason: String? = nil
    ) {
        let given = take(property, alias: alias)
        guard let value = given ?? fallback else { return }
        guard !allowed.contains(where: { $0.lowercased() == value.lowercased() }) else { return }
        let choice = allowed.count == 1 ? allowed[0] : "one of \(allowed.joined(separator: ", "))"
        let why = reason.map { "; \($0)" } ?? ""
        let missing = given == nil ? "is missing and would be \(value): " : ""
        add(property, given, "\(missing)must be \(choice)\(why)")
    }

    /// Where to connect: the URL, with user and password beside it as both dialects name them.
    mutating func destination() -> ConnectionOptions {
        let url = required("connection.url", hint: "such as jdbc:postgresql://host:5432/database")
        let user = take("connection.username", alias: "connection.user")
        let password = rest.removeValue(forKey: "connection.password")
        guard !url.isEmpty else { return ConnectionOptions(values: [:]) }
        do throws(ConfigurationProblem) {
            var options = ConnectionOptions(values: try JDBCURL.options(url))
            if let user { options["user"] = user }
            if let password { options["password"] = password }
            if options["user"] == nil {
                add("connection.username", nil, "is missing, and connection.url names no user")
            }
            return options.failingFast(as: "handover-sink")
        } catch {
            problems.append(error)
            return ConnectionOptions(values: [:])
        }
    }

    mutating func tableNameFormat() -> String {
        let format = take("collection.name.format", alias: "table.name.format") ?? "${topic}"
        let rest = format.replacing("${topic}", with: "")
        if rest.contains("$") {
            add("collection.name.format", format, "this version knows the placeholder ${topic} only")
        } else if format.trimming.isEmpty || format.split(separator: ".").count > 2 {
            add("collection.name.format", format, "must be a table or schema.table")
        }
        return format
    }

    mutating func consumerOverrides() -> [String: String] {
        let prefix = "consumer.override."
        // Exactly once depends on these; nobody may change them. The group's name is free: progress is stored
        // under the connector's.
        let fixed: Set<String> = [
            "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "bootstrap.servers",
        ]
        var overrides: [String: String] = [:]
        for (property, value) in rest where property.hasPrefix(prefix) {
            rest[property] = nil
            let name = String(property.dropFirst(prefix.count))
            if fixed.contains(name) {
                add(property, value, "cannot be overridden: the sink's guarantee depends on it")
            } else {
                overrides[name] = value
            }
        }
        return overrides
    }

    /// Everything that was wrong, sorted by property; what was not taken is among it.
    consuming func finish() -> [ConfigurationProblem] {
        for property in rest.keys {
            add(
                property,
                nil,
                "is not supported by this version; remove it if the sink should run without it"
            )
        }
        return problems.sorted { $0.property < $1.property }
    }

    mutating func add(_ property: String, _ value: String?, _ reason: String) {
        problems.append(ConfigurationProblem(property: property, value: value, reason: reason))
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimming: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
