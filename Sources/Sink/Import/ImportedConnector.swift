import Cluster
import HTTPRequests
import JSONText
import Model

/// Which of a worker's connectors is taken over.
enum ConnectorChoice {
    case one(String, ListedConnector)
    case none(String)

    /// - Parameter name: the one that is wanted; without it the only JDBC sink there is.
    init(_ name: String?, among connectors: [String: ListedConnector]) {
        let classes = connectors.mapValues { $0.properties["connector.class"] ?? "no class" }
        let sinks = connectors.filter { ConnectorClass.known.contains(classes[$0.key] ?? "") }
        let known =
            sinks.isEmpty
            ? "none of its \(connectors.count) connectors is a JDBC sink"
            : "its JDBC sinks are \(sinks.keys.sorted().joined(separator: ", "))"
        guard let name else {
            if sinks.count == 1, let (name, connector) = sinks.first {
                self = .one(name, connector)
            } else {
                self = .none(sinks.isEmpty ? known : "which one? \(known)")
            }
            return
        }
        if let connector = sinks.first(where: { $0.key.isSame(as: name) }) {
            self = .one(connector.key, connector.value)
        } else if let type = classes.first(where: { $0.key.isSame(as: name) })?.value {
            self = .none("\(name) is no JDBC sink but \(type): \(known)")
        } else {
            self = .none("there is no connector \(name): \(known)")
        }
    }
}

/// A connector of Kafka Connect on its way into a file.
struct ImportedConnector {
    let name: String
    /// As `sink run` takes them, secrets in the clear where Connect has them so.
    let properties: [String: String]
    private let state: String?
    private let offsets: [TopicPartition: Int64]
    private let lacksConverters: [String]

    init(
        _ name: String,
        _ connector: ListedConnector,
        _ offsets: StoredOffsets,
        worker: WorkerFile?,
        bootstrap: String?
    ) {
        var properties = connector.properties
        properties["name"] = nil
        if let worker { properties = worker.complete(properties) }
        if let bootstrap { properties["bootstrap.servers"] = bootstrap }
        (self.name, self.properties, self.offsets) = (name, properties, offsets.ofSink)
        state = connector.status?.connector.state
        lacksConverters = ["key.converter", "value.converter"].filter { properties[$0] == nil }
    }

    /// The file's text: what is POSTed to Kafka Connect.
    func document() throws -> String {
        struct Document: Encodable {
            let name: String
            let config: [String: String]
        }
        return try jsonText(Document(name: name, config: properties), .indented) + "\n"
    }

    /// What is to be said before anything is read from the file.
    func report(from url: String) -> CheckReport {
        var report = CheckReport()
        let type = properties["connector.class"] ?? ""
        report.add(.ok, "connector", "\(name), \(type), from \(HTTPBase.shown(url))")
        if let state, state != "STOPPED" {
            report.add(
                .note,
                "connector",
                "is \(state): stop it before this one is started, with PUT /connectors/NAME/stop, and keep it: both are "
                    + "members of one group"
            )
        }
        for converter in lacksConverters {
            report.add(
                .note,
                converter,
                "is the worker's: JSON is read here unless --worker names the worker's properties, or the file the converter"
            )
        }
        if offsets.isEmpty {
            report.add(.note, "offsets", "it has stored none: each partition begins at its first record")
        }
        for (place, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            report.add(.ok, "\(place)", "goes on at offset \(offset)")
        }
        return report
    }
}
