import Glibc
import HTTPServer
import Kafka

/// Takes a worker's properties one by one; what is left is named as without effect, as Kafka Connect does.
struct WorkerProperties {
    private let given: [String: String]
    private var rest: [String: String] = [:]
    private var problems: [ConfigurationProblem] = []
    private(set) var notes: [ConfigurationNote] = []

    init(_ given: [String: String], secrets: SecretSource) {
        self.given = given
        var secrets = secrets
        for (name, value) in given where !Self.isForConnectors(name) {
            do throws(SecretSource.Failure) {
                rest[name] = try secrets.resolve(value)
            } catch {
                add(name, error.reason)
            }
        }
    }

    mutating func take(_ name: String) -> String? {
        guard let value = rest.removeValue(forKey: name)?.trimmed, !value.isEmpty else { return nil }
        return value
    }

    mutating func required(_ name: String, _ purpose: String) -> String {
        if let value = take(name) { return value }
        let isBlank = given[name]?.trimmed.isEmpty ?? true
        if isBlank {
            problems.append(
                ConfigurationProblem(property: name, value: nil, reason: "is missing: \(purpose)")
            )
        }
        return ""
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>, default fallback: Int) -> Int {
        guard let value = take(name) else { return fallback }
        if let number = Int(value), range.contains(number) { return number }
        add(name, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        return fallback
    }

    mutating func port(_ name: String) -> Int? {
        rest[name] == nil ? nil : number(name, in: 1...65_535, default: 0)
    }

    mutating func replicationFactor(_ name: String) -> Int32 {
        Int32(number(name, in: -1...32_767, default: -1))
    }

    /// `listeners`, or what came before it; the first that is HTTP.
    mutating func listen() -> (address: ListenAddress, isTLS: Bool)? {
        let (host, port) = (take("rest.host.name"), self.port("rest.port"))
        guard let listeners = take("listeners") else {
            return port.flatMap { ListenAddress("\(host ?? "0.0.0.0"):\($0)") }.map { ($0, false) }
        }
        for listener in listeners.parts(at: ",").map(\.trimmed) {
            guard let scheme = listener.range(ofBytes: "://") else { continue }
            let name = String(listener[..<scheme.lowerBound]).lowercasedASCII
            guard name == "http" || name == "https" else { continue }
            let place = String(listener[scheme.upperBound...])
            // No host is every address of the machine.
            guard let address = ListenAddress(place.begins(with: ":") ? "0.0.0.0\(place)" : place) else {
                break
            }
            return (address, name == "https")
        }
        add("listeners", "must be such as http://:8083 or http://127.0.0.1:8083")
        return nil
    }

    /// What reaches the brokers: TLS and SASL, in librdkafka's properties.
    mutating func client() -> [String: String] {
        var found: [String: String] = [:]
        for name in rest.keys where Self.clientPrefixes.contains(where: { name.begins(with: $0) }) {
            found[name] = rest.removeValue(forKey: name)
        }
        let security = KafkaSecurity(found)
        for problem in security.problems { add(problem.name, problem.reason) }
        return security.properties
    }

    mutating func add(_ name: String, _ reason: String) {
        let value = PropertyReader.isSecret(name) ? nil : given[name]
        problems.append(ConfigurationProblem(property: name, value: value, reason: reason))
    }

    private mutating func note(_ name: String, _ reason: String) {
        notes.append(ConfigurationNote(property: name, reason: reason))
    }

    /// All that was wrong.
    mutating func finish() -> [ConfigurationProblem] {
        for name in rest.keys {
            if name == "rest.extension.classes", take(name) != nil {
                add(
                    name,
                    "names classes that may guard the interface, and none can be loaded here: give --token-file"
                )
            } else {
                note(name, "this worker has no use for it")
            }
        }
        rest = [:]
        notes.sort { ($0.property, $0.reason) < ($1.property, $1.reason) }
        return problems.sorted { ($0.property, $0.reason) < ($1.property, $1.reason) }
    }

    /// What `WorkerFile` gives to the connectors.
    private static func isForConnectors(_ name: String) -> Bool {
        ["key.converter", "value.converter", "consumer.", "producer.", "config.providers"].contains {
            name.begins(with: $0)
        }
    }

    private static let clientPrefixes = [
        "security.", "ssl.", "sasl.", "enable.ssl.", "enable.sasl.", "https.", "broker.address.",
    ]
}

/// This machine's name.
enum HostName {
    static var own: String {
        var name = [CChar](repeating: 0, count: 256)
        // SAFETY: the buffer's size is given, and its last byte stays zero.
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
