public import HTTPRequests

/// Kafka Connect's REST interface: what the source connector does.
public struct ConnectClient: Sendable {
    let servers: [String]
    let http: RESTClient

    /// - Parameter servers: base URLs of the workers, such as `http://127.0.0.1:8083`; any one answers.
    public init(
        servers: [String],
        timeout: Duration = .seconds(2),
        credentials: HTTPCredentials = .init()
    ) {
        self.servers = servers.map { HTTPBase($0).url }
        http = RESTClient(timeout: timeout, credentials: credentials)
    }

    /// State of a connector and its tasks (`GET /connectors/NAME/status`).
    public func status(of connector: String) async throws(ClusterError) -> ConnectorStatus {
        try await http.get(Self.path(connector, "status"), fromAnyOf: servers, as: ConnectorStatus.self)
    }

    /// The path of a connector's resource: names may have blanks, slashes and letters of any script.
    static func path(_ connector: String, _ resource: String) -> String {
        "/connectors/\(HTTPBase.segment(connector))/\(resource)"
    }
}

/// State of a connector and its tasks.
///
/// The connector can say RUNNING while its only task is FAILED.
public struct ConnectorStatus: Decodable, Sendable {
    public struct Part: Decodable, Sendable {
        /// `RUNNING`, `FAILED`, `PAUSED`, `STOPPED`, `UNASSIGNED` or `RESTARTING`.
        public let state: String
        /// The worker's address.
        public let worker: String?
        /// The failure's stack trace.
        public let trace: String?
        /// The task's number; the connector itself has none.
        public let id: Int?

        /// The trace's first line.
        public var failure: String? { trace.flatMap(ConnectorStatus.firstLine) }

        private enum CodingKeys: String, CodingKey {
            case state, trace, id
            case worker = "worker_id"
        }
    }

    public let connector: Part
    public let tasks: [Part]

    /// Whether changes are being captured: the connector and at least one task, all of them, run.
    public var isRunning: Bool {
        connector.state == "RUNNING" && !tasks.isEmpty && tasks.allSatisfy { $0.state == "RUNNING" }
    }

    /// The worst state as it follows the word "connector": `PAUSED`, `task FAILED: reason`, `has no task
    /// yet`.
    public var summary: String {
        if connector.state != "RUNNING" { return Self.text(connector) }
        if let broken = tasks.first(where: { $0.state != "RUNNING" }) { return "task \(Self.text(broken))" }
        return tasks.isEmpty ? "has no task yet" : "RUNNING"
    }

    /// The tasks that failed, each with the first line of its trace.
    public var failedTasks: [(id: Int, reason: String)] {
        tasks.filter { $0.state == "FAILED" }.map { task in
            (task.id ?? 0, task.failure ?? "no trace")
        }
    }

    /// The first line of a trace that is not empty, fit to be shown; lines end as those of any system.
    public static func firstLine(of trace: String) -> String? {
        // On scalars, because \r\n is one Character, which is neither \r nor \n.
        trace.unicodeScalars.split { $0 == "\n" || $0 == "\r" }.first.map {
            String($0).visible
        }
    }

    /// A part's state with the first line of its failure.
    private static func text(_ part: Part) -> String {
        part.state.visible + (part.failure.map { ": \($0)" } ?? "")
    }
}
