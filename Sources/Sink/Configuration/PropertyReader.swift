import Kafka
import Postgres

/// Takes properties one by one and remembers all that is wrong; what nobody took is looked up in the catalog.
///
/// Values are used with their placeholders replaced, and shown as they were given.
struct PropertyReader {
    private let given: [String: String]
    private var rest: [String: String] = [:]
    private var problems: [ConfigurationProblem] = []
    /// Properties without a value because a placeholder has none; that is said once.
    private var unresolved: Set<String> = []
    /// What is in the file and changes nothing here.
    private(set) var notes: [ConfigurationNote] = []

    init(_ properties: [String: String], secrets: SecretSource = SecretSource()) {
        var secrets = secrets
        given = properties
        for (property, value) in properties {
            do throws(SecretSource.Failure) {
                rest[property] = try secrets.resolve(value)
            } catch {
                add(property, value, error.reason)
                unresolved.insert(property)
            }
        }
    }

    /// A value by either dialect's name; both at once are a problem unless they agree.
    mutating func take(_ property: String, alias: String? = nil) -> String? {
        let value = rest.removeValue(forKey: property)
        guard let alias, let other = rest.removeValue(forKey: alias) else { return value }
        if let value, value != other {
            add(
                property,
                value,
                "contradicts \(alias) = \"\(given[alias] ?? "")\": they are the same property"
            )
        }
        return value ?? other
    }

    mutating func required(_ property: String, hint: String) -> String {
        if let value = take(property), !value.trimmed.isEmpty { return value.trimmed }
        add(property, nil, "is missing: \(hint)")
        return ""
    }

    mutating func flag(_ property: String, default fallback: Bool) -> Bool {
        guard let value = take(property) else { return fallback }
        switch value.lowercasedASCII {
        case "true": return true
        case "false": return false
        default:
            add(property, value, "must be true or false")
            return fallback
        }
    }

    mutating func number(
        _ property: String,
        alias: String? = nil,
        in range: ClosedRange<Int>,
        default fallback: Int
    ) -> Int {
        guard let value = take(property, alias: alias) else { return fallback }
        if let number = Int(value.trimmed), range.contains(number) { return number }
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
        guard !allowed.contains(where: { $0.lowercasedASCII == value.lowercasedASCII }) else { return }
        let choice = allowed.count == 1 ? allowed[0] : "one of \(allowed.joined(separator: ", "))"
        let why = reason.map { "; \($0)" } ?? ""
        let missing = given == nil ? "is missing and would be \(value): " : ""
        add(property, given, "\(missing)must be \(choice)\(why)")
    }

    /// Where to connect: the URL, with user and password beside it as both dialects name them.
    mutating func destination(of sink: String) -> ConnectionOptions {
        let url = required("connection.url", hint: "such as jdbc:postgresql://host:5432/database")
        let user = take("connection.username", alias: "connection.user")
        let password = rest.removeValue(forKey: "connection.password")
        guard !url.isEmpty else { return ConnectionOptions(values: [:]) }
        var parsed = JDBCURL(url)
        for (name, value) in takeDriverParameters() { parsed.add(property: name, value) }
        problems += parsed.problems
        notes += parsed.notes
        var options = ConnectionOptions(values: parsed.options)
        if let user { options["user"] = user }
        if let password { options["password"] = password }
        if options["user"] == nil {
            add("connection.username", nil, "is missing, and connection.url names no user")
        }
        return options.failingFast(as: ApplicationName.of(sink: sink))
    }

    /// Confluent's sink hands what it does not know of `connection.` to the driver, such as `connection.sslmode`.
    private mutating func takeDriverParameters() -> [(name: String, value: String)] {
        let prefix = "connection."
        var parameters: [(name: String, value: String)] = []
        for (property, value) in rest {
            guard let name = property.without(prefix: prefix), PropertyCatalog.find(property) == nil,
                JDBCParameter.isKnown(name)
            else { continue }
            rest[property] = nil
            parameters.append((name, value))
        }
        return parameters.sorted { $0.name < $1.name }
    }

    /// The converter of keys or values, and what its file has beside it.
    mutating func converter(_ property: String, _ known: [KeyConverter]) -> KeyConverter {
        // Schemas are recognised by the shape of the JSON; the value is checked all the same.
        _ = flag("\(property).schemas.enable", default: true)
        guard let value = take(property)?.trimmed else { return .json }
        guard let converter = known.first(where: { $0.rawValue == value }) else {
            if value.ends(with: ".ProtobufConverter") {
                add(
                    property,
                    value,
                    "is not supported: this version reads no Protobuf; Avro and JSON Schema it does"
                )
            } else {
                let names = known.map(\.rawValue) + RegistryConverterClass.allCases.map(\.rawValue)
                add(property, value, "must be one of \(names.joined(separator: ", "))")
            }
            for name in rest.keys where name.without(prefix: property + ".") != nil { rest[name] = nil }
            return .json
        }
        // A file may have been another converter's before, and a converter passes over what it does not know.
        for name in rest.keys where name.without(prefix: property + ".") != nil {
            guard PropertyCatalog.find(name)?.names.contains(name) != true else { continue }
            rest[name] = nil
            note(name, "\(converter.name) does not read it")
        }
        return converter
    }

    mutating func consumerOverrides() -> [String: String] {
        let prefix = "consumer.override."
        var overrides: [String: String] = [:]
        for (name, value) in clientProperties(prefix: prefix) {
            let property = prefix + name
            switch ConsumerOverride(name) {
            case .passed(let name): overrides[name] = value
            case .effectless(let reason): note(property, reason)
            case .refused(let reason): add(property, value, reason)
            }
        }
        return overrides
    }

    /// Where partitions begin that nobody has read yet; taken before the other overrides, for librdkafka must not get it.
    mutating func firstStart() -> FirstStart.Policy {
        let property = "consumer.override.auto.offset.reset"
        guard let value = take(property) else { return .earliest }
        if let policy = FirstStart.Policy(rawValue: value) { return policy }
        add(property, value, "must be earliest, latest or none; `sink reset --to` takes an offset or a time")
        return .earliest
    }

    /// - Parameter isUsed: whether anything is sent to Kafka at all.
    mutating func producerOverrides(isUsed: Bool) -> [String: String] {
        let prefix = "producer.override."
        var overrides: [String: String] = [:]
        for (name, value) in clientProperties(prefix: prefix) {
            let property = prefix + name
            guard isUsed else {
                note(property, "there is no dead-letter topic, and nothing else is sent to Kafka")
                continue
            }
            switch ProducerOverride(name) {
            case .passed(let name): overrides[name] = value
            case .refused(let reason): add(property, value, reason)
            }
        }
        return overrides
    }

    /// What a Java client is told after a prefix, with its TLS and SASL in librdkafka's properties.
    private mutating func clientProperties(prefix: String) -> [String: String] {
        let security = KafkaSecurity(takeAll(prefix: prefix))
        for problem in security.problems {
            add(prefix + problem.name, given[prefix + problem.name], problem.reason)
        }
        return security.properties
    }

    /// All values whose names begin so, by the rest of the name.
    mutating func takeAll(prefix: String) -> [String: String] {
        var values: [String: String] = [:]
        for (property, value) in rest {
            guard let name = property.without(prefix: prefix) else { continue }
            rest[property] = nil
            values[name] = value
        }
        return values
    }

    /// The names that begin so and are not taken yet, by the rest of the name.
    func given(prefix: String) -> [String] { rest.keys.compactMap { $0.without(prefix: prefix) } }

    mutating func note(_ property: String, _ reason: String) {
        notes.append(ConfigurationNote(property: property, reason: reason))
    }

    /// A value that another property's meaning depends on, without taking it.
    func peek(_ property: String, alias: String? = nil) -> String? {
        rest[property] ?? alias.flatMap { rest[$0] }
    }

    /// Everything that was wrong, sorted by property; what was not taken is among it, as the catalog says.
    mutating func finish() -> [ConfigurationProblem] {
        for (property, value) in rest {
            switch PropertyCatalog.find(property)?.support {
            case .effectless(let reason):
                note(property, reason)
            case .refused(let allowed, let reason):
                guard !allowed.contains(where: { $0.lowercasedASCII == value.trimmed.lowercasedASCII }) else {
                    continue
                }
                let shown = allowed.filter { !$0.isEmpty }
                let but = shown.isEmpty ? "" : " but as \(shown.joined(separator: " or "))"
                add(property, value, "is not supported by this version\(but): \(reason)")
            case .supported, nil:
                // The value stays unsaid: a misspelled name may be that of a secret.
                let hint = PropertyCatalog.suggestion(for: property).map { "; did you mean \($0)?" } ?? ""
                add(property, nil, "is not a property of this sink\(hint)")
            }
        }
        rest = [:]
        notes.sort { ($0.property, $0.reason) < ($1.property, $1.reason) }
        return problems.sorted { ($0.property, $0.reason) < ($1.property, $1.reason) }
    }

    /// Remembers a problem under the name that the file uses, with the value as it stands there.
    mutating func add(_ property: String, _ value: String?, _ reason: String) {
        let names = PropertyCatalog.find(property)?.names ?? []
        guard unresolved.isDisjoint(with: names), !unresolved.contains(property) else { return }
        let name = given[property] == nil ? names.first { given[$0] != nil } ?? property : property
        let shown = value == nil || Self.isSecret(name) ? nil : given[name]
        problems.append(ConfigurationProblem(property: name, value: shown, reason: reason))
    }

    /// Whether a property's value may be or hold a password, such as `value.converter.basic.auth.user.info`.
    static func isSecret(_ property: String) -> Bool {
        if property.begins(with: "primary.key.") { return false }
        return secretWords.contains { property.lowercasedASCII.range(ofBytes: $0) != nil }
    }

    private static let secretWords = [
        "pass", "secret", "jaas", "credential", "connection.url", ".key", "token", "auth", "user.info",
        "registry",
        "pem", "license", "config.providers.",
    ]
}
