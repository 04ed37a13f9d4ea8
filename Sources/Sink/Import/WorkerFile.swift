import Commands
import Files

/// What the properties of a Kafka Connect worker give each of its sink connectors.
///
/// The rules are Connect's own (`ConnectorConfig`, `Worker` and `ConfigTransformer` of Kafka 4): a converter of the worker counts,
/// with all its properties, where the connector names none; `consumer.` and `producer.` are what the connector's
/// `consumer.override.` and `producer.override.` are put over.
struct WorkerFile {
    /// Connect's own classes behind placeholders, and their names here.
    private static let providers = [
        "org.apache.kafka.common.config.provider.FileConfigProvider": "file",
        "org.apache.kafka.common.config.provider.EnvVarConfigProvider": "env",
    ]

    private let properties: [String: String]

    init(_ properties: [String: String]) {
        self.properties = properties
    }

    /// - Throws: `UsageError` that names the file and the line.
    init(path: String) throws {
        do throws(PropertiesText.Unreadable) {
            properties = try PropertiesText(path: path).values
        } catch {
            throw UsageError(error.description)
        }
    }

    /// A connector's properties, completed by the worker's.
    func complete(_ connector: [String: String]) -> [String: String] {
        var result = connector
        if let servers = properties["bootstrap.servers"] { result["bootstrap.servers"] = servers }
        for converter in ["key.converter", "value.converter"] where connector[converter] == nil {
            for (name, value) in properties where name == converter || name.begins(with: converter + ".") {
                result[name] = value
            }
        }
        for client in ["consumer", "producer"] {
            for (name, value) in properties {
                guard let rest = name.without(prefix: "\(client).") else { continue }
                let override = "\(client).override.\(rest)"
                if result[override] == nil, !Self.isOwn(rest) { result[override] = value }
            }
        }
        let renamed = renamedProviders
        guard !renamed.isEmpty else { return result }
        return result.mapValues { value in
            renamed.reduce(value) { $0.replacingScalars("${\($1.key):", with: "${\($1.value):") }
        }
    }

    /// What Connect itself sets for the clients of a sink connector, whatever the worker says.
    private static func isOwn(_ property: String) -> Bool {
        switch property {
        case "bootstrap.servers", "group.id", "client.id", "enable.auto.commit", "key.deserializer",
            "value.deserializer", "key.serializer", "value.serializer":
            true
        default: false
        }
    }

    /// Providers of placeholders that have another name at the worker than here.
    private var renamedProviders: [String: String] {
        let names = (properties["config.providers"] ?? "").parts(at: ",").map { $0.trimmed }
        var renamed: [String: String] = [:]
        for name in names {
            guard let type = properties["config.providers.\(name).class"], let own = Self.providers[type],
                own != name
            else { continue }
            renamed[name] = own
        }
        return renamed
    }
}
