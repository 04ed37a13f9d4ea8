import HTTPServer
import Logs
import Telemetry

/// What the sink answers over HTTP.
///
/// The paths of Kafka Connect's REST interface are answered as well, so that scripts written for it work.
struct SinkRoutes: Sendable {
    let control: SinkControl
    let statistics: LaneStatistics
    /// The configuration's file, read again at a restart.
    let file: String
    let worker: String
    let logger: Logger

    var all: [HTTPRoute] {
        [
            HTTPRoute(.get, "/health") { _ in health(\.unreadyReasons) },
            HTTPRoute(.get, "/health/ready") { _ in health(\.unreadyReasons) },
            HTTPRoute(.get, "/health/live") { _ in health(\.deadReasons) },
            HTTPRoute(.get, "/status") { _ in .json(status) },
            HTTPRoute(.get, "/metrics") { _ in .metrics(SinkMetrics.text(status, statistics)) },
            HTTPRoute(.put, "/pause") { _ in pause(true) },
            HTTPRoute(.put, "/resume") { _ in pause(false) },
            HTTPRoute(.post, "/restart") { _ in restart() },
            HTTPRoute(.get, "/connectors") { _ in .json([status.name]) },
            HTTPRoute(.get, "/connectors/:name/status") { named($0) { .json(status) } },
            HTTPRoute(.put, "/connectors/:name/pause") { named($0) { pause(true) } },
            HTTPRoute(.put, "/connectors/:name/resume") { named($0) { pause(false) } },
            HTTPRoute(.post, "/connectors/:name/restart") { named($0) { restart() } },
        ]
    }

    private var status: SinkStatus { SinkStatus(control.overview, statistics, worker: worker) }

    private func health(_ reasons: KeyPath<SinkHealth, [String]>) -> HTTPAnswer {
        let reasons = SinkHealth(status)[keyPath: reasons]
        return reasons.isEmpty ? .text("ok") : .text(reasons.joined(separator: "\n"), status: 503)
    }

    private func pause(_ isPaused: Bool) -> HTTPAnswer {
        logger.notice("ordered by HTTP", metadata: ["order": isPaused ? "pause" : "resume"])
        control.order(pause: isPaused)
        // Connect's 202: it is done when the tasks say so.
        return .json(status, status: 202)
    }

    /// Reads the file again and checks it first: with a bad one, the lanes that run go on.
    private func restart() -> HTTPAnswer {
        logger.notice("ordered by HTTP", metadata: ["order": "restart"])
        let configuration: SinkConfiguration
        do throws(ConfigurationError) {
            configuration = try SinkConfiguration(try ConnectorFile(path: file))
        } catch {
            logger.error("not restarted: the configuration is wrong", metadata: ["error": "\(error)"])
            return .json(RESTError(code: 422, message: "\(error)"), status: 422)
        }
        switch control.restart(with: configuration) {
        case .accepted: return .json(status, status: 202)
        case .busy:
            return .json(RESTError(code: 409, message: "a restart or the end is under way"), status: 409)
        case .otherName(let name):
            let message =
                "\(file) is for \(configuration.name), and this is \(name): progress is stored under the name; "
                + "start another sink for it"
            return .json(RESTError(code: 422, message: message), status: 422)
        }
    }

    private func named(_ question: HTTPQuestion, _ answer: () -> HTTPAnswer) -> HTTPAnswer {
        let (asked, name) = (question["name"] ?? "", status.name)
        guard asked == name else {
            return .json(
                RESTError(code: 404, message: "no status found for connector \(asked); this is \(name)"),
                status: 404
            )
        }
        return answer()
    }
}

/// An error as Kafka Connect's REST interface words it.
struct RESTError: Codable, Equatable {
    let code: Int
    let message: String

    private enum CodingKeys: String, CodingKey {
        case message
        case code = "error_code"
    }
}
