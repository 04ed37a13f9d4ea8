import HTTPServer
import Logs
import Telemetry
import Threading

/// What the worker is and can run, whether a configuration is right, and the log.
struct PluginAnswers: Sendable {
    /// The version of Kafka Connect whose interface this is: clients decide by it what they ask.
    private static let connectVersion = "4.1.0"

    let routes: WorkerRoutes

    /// `GET /`.
    func server() -> HTTPAnswer {
        .json(
            ServerDocument(
                version: Self.connectVersion,
                commit: Release.commit ?? Release.version,
                cluster: routes.follower.view().clusterID
            )
        )
    }

    /// `GET /connector-plugins`.
    func list() -> HTTPAnswer {
        .json(ConnectorClass.known.map { PluginDocument(name: $0, version: Release.version) })
    }

    /// `GET /connector-plugins/CLASS/config`: the properties that are known.
    func definitions(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let type = try plugin(question)
        return .json(ValidationDocument(type, [:], []).configs.map(\.definition))
    }

    /// `PUT /connector-plugins/CLASS/config/validate`.
    func validate(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let type = try plugin(question)
        let properties = try RequestBody.candidate(question)
        var problems: [ConfigurationProblem] = []
        let name = properties["name"] ?? ""
        if let problem = ConnectorName.problem(of: name) {
            problems.append(
                ConfigurationProblem(property: "name", value: properties["name"], reason: problem)
            )
        }
        problems += await Self.problems(of: ConnectorName(name), properties, routes.configuration.connectors)
        return .json(ValidationDocument(type, properties, problems))
    }

    /// All that is wrong with a connector's properties, as the worker would run them.
    static func problems(
        of name: ConnectorName,
        _ properties: [String: String],
        _ connectors: WorkerFile
    ) async -> [ConfigurationProblem] {
        let found: [ConfigurationProblem] = await withDedicatedThread {
            do throws(ConfigurationError) {
                _ = try connectors.configuration(of: name, properties)
                return []
            } catch {
                return error.problems
            }
        }
        guard properties["connector.class"] == nil else { return found }
        // `sink run` knows what it is; a worker is told.
        let reason = "is missing: one of \(ConnectorClass.known.joined(separator: ", "))"
        return [ConfigurationProblem(property: "connector.class", value: nil, reason: reason)] + found
    }

    /// All problems in Kafka Connect's words around them.
    static func message(_ problems: [ConfigurationProblem]) -> String {
        (["Connector configuration is invalid and contains the following \(problems.count) error(s):"]
            + problems.map { "\($0)".visible }
            + [
                "You can also find the above list of errors at the endpoint "
                    + "`/connector-plugins/{connectorType}/config/validate`"
            ]).joined(separator: "\n")
    }

    /// `GET /admin/loggers`.
    func loggers() -> HTTPAnswer { .json(["root": LoggerDocument(level: LogLevel.level.connectName)]) }

    /// `GET /admin/loggers/root`.
    func level(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        try root(question)
        return .json(LoggerDocument(level: LogLevel.level.connectName))
    }

    /// `PUT /admin/loggers/root`, of this worker or, with `scope=cluster`, of all.
    func setLevel(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        try root(question)
        let level = try RequestBody.level(question)
        switch question.query("scope")?.lowercasedASCII {
        case nil, "worker":
            LogLevel.set(level)
            return .json(["root"])
        case "cluster":
            _ = try await routes.desk.order { _ throws(RESTRefusal) in [.level(level)] }
            return HTTPAnswer(status: 204, body: "")
        default: throw RESTRefusal(400, "scope must be worker or cluster")
        }
    }

    // MARK: Parts

    /// All parts of the program log at one level.
    private func root(_ question: HTTPQuestion) throws(RESTRefusal) {
        let name = question["logger"] ?? ""
        guard name.isSame(as: "root") else { throw RESTRefusal(404, "Logger \(name) not found.") }
    }

    /// The class that a path names, in full or by its last part.
    private func plugin(_ question: HTTPQuestion) throws(RESTRefusal) -> String {
        let asked = question["class"] ?? ""
        let short = ["JdbcSinkConnector", "JdbcSink"].holds(asked)
        guard short || ConnectorClass.known.holds(asked) else {
            throw RESTRefusal(
                404,
                "Failed to find any class that implements Connector and which name matches \(asked), available connectors "
                    + "are: \(ConnectorClass.known.joined(separator: ", "))"
            )
        }
        return asked
    }
}
