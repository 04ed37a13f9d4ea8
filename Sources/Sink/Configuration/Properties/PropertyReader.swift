import Kafka
import Postgres

/// Takes properties one by one and remembers all that is wrong; what nobody took is looked up in the catalog.
///
/// Values are used with their placeholders replaced, and shown as they were given.
struct PropertyReader {
    private let given: [String: String]
    private var secrets: SecretSource
    /// Whether the URL says that the column's type reads texts.
    private(set) var readsTexts = false
    private var rest: [String: String] = [:]
    private var problems: [ConfigurationProblem] = []
    /// Properties without a value because a placeholder has none; that is said once.
    private var unresolved: Set<String> = []
    /// How many things were found to be wrong.
    var problemCount: Int { problems.count }
    /// What is in the file and changes nothing here.
    private(set) var notes: [ConfigurationNote] = []

    init(_ properties: [String: String], secrets: SecretSource = SecretSource()) {
        self.secrets = secrets
        given = properties
        for (property, value) in properties {
            do throws(SecretSource.Failure) {
                rest[property] = try self.secrets.resolve(value)
            } catch {
                add(property, value, error.reason)
                unresolved.insert(property)
            }
        }
    }

    /// What a property holds; what is wrong with its value is remembered, and then its default holds.
    mutating func read<Value>(_ property: Property<Value>) -> Value {
        let given = take(property)
        if let missing = property.missing, given?.trimmed.isEmpty ?? true {
            add(property.name, nil, missing)
            return property.fallback
        }
        guard let given else { return property.fallback }
        do throws(PropertyRefusal) {
            return try property.parse(given)
        } catch {
            add(property.name, given, error.reason)
            return property.fallback
        }
    }

    /// The value as it stands, by any of the property's names; two that differ are a problem.
    mutating func take<Value>(_ property: Property<Value>) -> String? {
        var found: String?
        for name in property.entry.names {
            guard let value = rest.removeValue(forKey: name) else { continue }
            if let found, value != found {
                add(
                    property.name,
                    found,
                    "contradicts \(name) = \"\(given[name] ?? "")\": they are the same property"
                )
            }
            found = found ?? value
        }
        return found
    }

    /// A value that another property's meaning depends on, without taking it.
    func peek<Value>(_ property: Property<Value>) -> String? {
        for name in property.entry.names {
            if let value = rest[name] { return value }
        }
        return nil
    }

    /// Remembers a problem with a property's value.
    mutating func add<Value>(_ property: Property<Value>, _ value: String?, _ reason: String) {
        add(property.name, value, reason)
    }

    mutating func note<Value>(_ property: Property<Value>, _ reason: String) {
        note(property.name, reason)
    }

    /// Where to connect: the URL, with user and password beside it as both dialects name them.
    mutating func destination(of sink: String) -> ConnectionOptions {
        let url = read(PropertyCatalog.url)
        let user = read(PropertyCatalog.userName)
        let password = read(PropertyCatalog.password)
        guard !url.isEmpty else { return ConnectionOptions(values: [:]) }
        var parsed = JDBCURL(url)
        for (name, value) in takeDriverParameters() { parsed.add(property: name, value) }
        problems += parsed.problems
        notes += parsed.notes
        var options = ConnectionOptions(values: parsed.options)
        readsTexts = parsed.readsTexts
        if let user { options["user"] = user }
        if let password { options["password"] = password }
        takeProvidedCredentials(into: &options)
        takePasswordCommand(into: &options)
        if options["user"] == nil {
            add(PropertyCatalog.userName, nil, "is missing, and connection.url names no user")
        }
        return options.failingFast(as: ApplicationName.of(sink: sink))
    }

    /// The user and password that Confluent's own class takes from the environment.
    private mutating func takeProvidedCredentials(into options: inout ConnectionOptions) {
        guard read(PropertyCatalog.credentials)?.ends(with: ".EnvVarsJdbcCredentialsProvider") == true else {
            return
        }
        for (keyword, name) in [
            ("user", "CONNECT_JDBC_CONNECTION_USER"), ("password", "CONNECT_JDBC_CONNECTION_PASSWORD"),
        ] {
            do throws(SecretSource.Failure) {
                options[keyword] = try secrets.resolve("${env:\(name)}")
            } catch {
                add(PropertyCatalog.credentials, nil, error.reason)
            }
        }
    }

    private mutating func takePasswordCommand(into options: inout ConnectionOptions) {
        guard let text = read(PropertyCatalog.passwordCommand) else { return }
        if options["password"] != nil {
            add(
                PropertyCatalog.passwordCommand,
                nil,
                "stands beside a password; only one of them may be given"
            )
        }
        do throws(PasswordCommand.Failure) {
            let command = try PasswordCommand(text)
            options.passwords = PasswordSource { try command.run() }
        } catch {
            add(PropertyCatalog.passwordCommand, nil, error.reason)
        }
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

    mutating func consumerOverrides() -> [String: String] {
        let prefix = PropertyCatalog.consumerOverrides.prefix
        var overrides: [String: String] = [:]
        for (name, value) in clientProperties(prefix: prefix) {
            let property = prefix + name
            switch ConsumerOverride(name, value) {
            case .passed(let name): overrides[name] = value
            case .effectless(let reason): note(property, reason)
            case .refused(let reason): add(property, value, reason)
            }
        }
        return overrides
    }

    /// Where partitions begin that nobody has read yet; taken before the other overrides, for librdkafka must not get it.
    mutating func firstStart() -> FirstStart.Policy {
        let property = PropertyCatalog.consumerOverrides.prefix + "auto.offset.reset"
        guard let value = take(property) else { return .earliest }
        if let policy = FirstStart.Policy(rawValue: value) { return policy }
        add(property, value, "must be earliest, latest or none; `sink reset --to` takes an offset or a time")
        return .earliest
    }

    /// - Parameter isUsed: whether anything is sent to Kafka at all.
    mutating func producerOverrides(isUsed: Bool) -> [String: String] {
        let prefix = PropertyCatalog.producerOverrides.prefix
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

    /// A value by its only name.
    mutating func take(_ property: String) -> String? { rest.removeValue(forKey: property) }

    /// A value by its only name, without taking it.
    func peek(_ property: String) -> String? { rest[property] }

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
