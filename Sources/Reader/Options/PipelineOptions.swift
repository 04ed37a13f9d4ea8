import ArgumentParser
import Glibc
import Shared

/// Where the parts of the pipeline are: options with the environment as their default.
struct PipelineOptions: ParsableArguments {
    @Option(help: "Source database, through HAProxy's leader port (HANDOVER_SOURCE_URL).")
    var source: String?

    @Option(help: "Destination database (HANDOVER_DESTINATION_URL).")
    var destination: String?

    @Option(help: "Kafka's bootstrap servers (HANDOVER_BOOTSTRAP).")
    var bootstrap: String?

    @Option(help: "The table's topic (HANDOVER_TOPIC).")
    var topic: String?

    @Option(help: "The sink's name in sink_progress.")
    var sink = "sink-connector"

    @Option(help: "History file of the run (HANDOVER_HISTORY).")
    var history: String?

    @Option(help: "Patroni's REST interfaces, with commas between them (HANDOVER_PATRONI_URLS).")
    var patroni: String?

    @Option(help: "Kafka Connect's REST interfaces, with commas between them (HANDOVER_CONNECT_URLS).")
    var connect: String?

    @Option(help: "Name of the source connector (HANDOVER_CONNECTOR).")
    var connector: String?

    @Option(help: "The table, with or without its schema, the same on both sides.")
    var table = "debezium_table"

    /// The options with the environment filled in.
    ///
    /// - Throws: `ValidationError` that names the option and the variable that are both not set.
    func resolved() throws -> PipelineSettings {
        PipelineSettings(
            source: try Self.connection(source, "--source", "HANDOVER_SOURCE_URL").failingFast(as: "reader"),
            destination: try Self.connection(destination, "--destination", "HANDOVER_DESTINATION_URL")
                .failingFast(as: "reader"),
            bootstrap: try Self.required(bootstrap, "--bootstrap", "HANDOVER_BOOTSTRAP"),
            topic: try Self.required(topic, "--topic", "HANDOVER_TOPIC"),
            sink: sink,
            history: history ?? Self.variable("HANDOVER_HISTORY"),
            patroni: Self.list(patroni ?? Self.variable("HANDOVER_PATRONI_URLS")),
            connect: Self.list(connect ?? Self.variable("HANDOVER_CONNECT_URLS")),
            connector: connector ?? Self.variable("HANDOVER_CONNECTOR"),
            table: TableName(table)
        )
    }

    static func required(_ value: String?, _ option: String, _ variable: String) throws -> String {
        if let value = value ?? Self.variable(variable) { return value }
        throw missing(option, variable)
    }

    /// As `required`, for a list that must have a part.
    static func requiredList(_ value: String?, _ option: String, _ variable: String) throws -> [String] {
        let parts = list(value ?? Self.variable(variable))
        guard !parts.isEmpty else { throw missing(option, variable) }
        return parts
    }

    private static func missing(_ option: String, _ variable: String) -> ValidationError {
        ValidationError("give \(option), or set \(variable) (`lab/lab env` prints it)")
    }

    static func connection(
        _ value: String?,
        _ option: String,
        _ variable: String
    ) throws -> ConnectionOptions {
        let text = try Self.required(value, option, variable)
        do throws(PostgresError) {
            return try ConnectionOptions(text)
        } catch {
            throw ValidationError("\(option) / \(variable): \(error.message)")
        }
    }

    /// A variable of the environment that is set to something.
    static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// The parts of a list with commas between them, without slashes at their ends.
    static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.trimming(while: { $0 == " " || $0 == "/" }) }
    }
}

extension Substring {
    fileprivate func trimming(while matches: (Character) -> Bool) -> String {
        var rest = drop(while: matches)
        while let last = rest.last, matches(last) { rest.removeLast() }
        return String(rest)
    }
}

/// Where the parts of the pipeline are.
struct PipelineSettings: Sendable {
    var source: ConnectionOptions
    var destination: ConnectionOptions
    var bootstrap: String
    var topic: String
    var sink: String
    var history: String?
    var patroni: [String]
    var connect: [String]
    var connector: String?
    var table: TableName

    /// The source connector's state, or why it is not known; `nil` where no connector is configured.
    func connectorStatus() async -> Result<ConnectorStatus, ClusterError>? {
        guard let connector, !connect.isEmpty else { return nil }
        do throws(ClusterError) {
            return .success(try await ConnectClient(servers: connect).status(of: connector))
        } catch {
            return .failure(error)
        }
    }
}
