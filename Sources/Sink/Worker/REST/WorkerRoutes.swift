import HTTPServer
import Logs
import Telemetry

/// What a worker answers over HTTP: the paths of Kafka Connect's REST interface, and its own of health and metrics.
struct WorkerRoutes: Sendable {
    let configuration: WorkerConfiguration
    /// This worker's name among the others.
    let worker: String
    let desk: OrderDesk
    let follower: StateFollower
    let tasks: RunningTasks
    let logger: Logger

    typealias Answering = @Sendable (HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer

    var all: [HTTPRoute] { open + connectors + states + offsets + plugins }

    /// What anybody may read.
    private var open: [HTTPRoute] {
        [
            HTTPRoute(.get, "/health") { _ in health },
            HTTPRoute(.get, "/health/ready") { _ in health },
            HTTPRoute(.get, "/health/live") { _ in .text("ok") },
            HTTPRoute(.get, "/metrics") { _ in .metrics(WorkerMetrics.text(follower.view(), tasks, worker)) },
        ]
    }

    private var connectors: [HTTPRoute] {
        let answers = ConnectorAnswers(routes: self)
        return [
            route(.get, "/connectors") { question throws(RESTRefusal) in try answers.list(question) },
            route(.post, "/connectors") { question throws(RESTRefusal) in try await answers.create(question)
            },
            route(.get, "/connectors/:name") { question throws(RESTRefusal) in try answers.show(question) },
            route(.delete, "/connectors/:name") { question throws(RESTRefusal) in
                try await answers.delete(question)
            },
            route(.get, "/connectors/:name/config") { question throws(RESTRefusal) in
                try answers.config(question)
            },
            route(.put, "/connectors/:name/config") { question throws(RESTRefusal) in
                try await answers.replace(question)
            },
            route(.patch, "/connectors/:name/config") { question throws(RESTRefusal) in
                try await answers.change(question)
            },
        ]
    }

    private var states: [HTTPRoute] {
        let answers = StateAnswers(routes: self)
        return [
            route(.get, "/connectors/:name/status") { question throws(RESTRefusal) in
                try answers.status(question)
            },
            route(.get, "/connectors/:name/tasks") { question throws(RESTRefusal) in
                try answers.tasks(question)
            },
            route(.get, "/connectors/:name/tasks-config") { question throws(RESTRefusal) in
                try answers.taskConfigs(question)
            },
            route(.get, "/connectors/:name/tasks/:task/status") { question throws(RESTRefusal) in
                try answers.task(question)
            },
            route(.get, "/connectors/:name/topics") { question throws(RESTRefusal) in
                try answers.topics(question)
            },
            route(.put, "/connectors/:name/topics/reset") { question throws(RESTRefusal) in
                try answers.resetTopics(question)
            },
            route(.put, "/connectors/:name/pause") { question throws(RESTRefusal) in
                try await answers.target(question, .paused, status: 202)
            },
            route(.put, "/connectors/:name/resume") { question throws(RESTRefusal) in
                try await answers.target(question, .started, status: 202)
            },
            route(.put, "/connectors/:name/stop") { question throws(RESTRefusal) in
                try await answers.target(question, .stopped, status: 204)
            },
            route(.post, "/connectors/:name/restart") { question throws(RESTRefusal) in
                try await answers.restart(question)
            },
            route(.post, "/connectors/:name/tasks/:task/restart") { question throws(RESTRefusal) in
                try await answers.restartTask(question)
            },
        ]
    }

    private var offsets: [HTTPRoute] {
        let answers = OffsetAnswers(routes: self)
        return [
            route(.get, "/connectors/:name/offsets") { question throws(RESTRefusal) in
                try await answers.show(question)
            },
            route(.patch, "/connectors/:name/offsets") { question throws(RESTRefusal) in
                try await answers.alter(question)
            },
            route(.delete, "/connectors/:name/offsets") { question throws(RESTRefusal) in
                try await answers.reset(question)
            },
        ]
    }

    private var plugins: [HTTPRoute] {
        let answers = PluginAnswers(routes: self)
        return [
            route(.get, "/") { _ throws(RESTRefusal) in answers.server() },
            route(.get, "/connector-plugins") { _ throws(RESTRefusal) in answers.list() },
            route(.get, "/connector-plugins/:class/config") { question throws(RESTRefusal) in
                try answers.definitions(question)
            },
            route(.put, "/connector-plugins/:class/config/validate") { question throws(RESTRefusal) in
                try await answers.validate(question)
            },
            route(.get, "/admin/loggers") { _ throws(RESTRefusal) in answers.loggers() },
            route(.get, "/admin/loggers/:logger") { question throws(RESTRefusal) in
                try answers.level(question)
            },
            route(.put, "/admin/loggers/:logger") { question throws(RESTRefusal) in
                try await answers.setLevel(question)
            },
        ]
    }

    private func route(_ method: HTTPRoute.Method, _ path: String, _ answer: @escaping Answering) -> HTTPRoute
    {
        HTTPRoute(
            method,
            path,
            // A configuration may hold passwords in the clear, as it was given.
            isPrivate: true,
            later: { question in
                do throws(RESTRefusal) {
                    return try await answer(question)
                } catch {
                    return error.answer
                }
            }
        )
    }

    private var health: HTTPAnswer {
        let view = follower.view()
        var reasons: [String] = []
        if !view.isCaughtUp { reasons.append("the worker still reads its state") }
        if let failure = view.failure { reasons.append("the state cannot be followed: \(failure)") }
        if view.isCaughtUp, !view.live.contains(where: { $0.worker.isSame(as: worker) }) {
            reasons.append("this worker does not hear itself on the status topic")
        }
        return reasons.isEmpty ? .text("ok") : .text(reasons.joined(separator: "\n"), status: 503)
    }
}

extension WorkerRoutes {
    /// The connector that a path names.
    func name(_ question: HTTPQuestion) -> ConnectorName { ConnectorName(question["name"] ?? "") }

    /// The connector that a path names, if it is there.
    func connector(_ question: HTTPQuestion) throws(RESTRefusal) -> (ConnectorName, WorkerState.Connector) {
        let name = name(question)
        guard let connector = try desk.state().connectors[name] else { throw .noConnector(name) }
        return (name, connector)
    }

    /// Notes an order in the log.
    func ordered(_ order: Logger.MetadataValue, _ name: ConnectorName) {
        logger.notice("ordered by HTTP", metadata: ["order": order, "connector": "\(name)"])
    }
}

/// The worker's metrics.
enum WorkerMetrics {
    static func text(_ view: StateFollower.View, _ tasks: RunningTasks, _ worker: String) -> MetricsText {
        var text = MetricsText()
        text.add(
            .gauge,
            "handover_worker_live_workers",
            "Workers of the group that are heard.",
            view.live.count
        )
        text.add(
            .gauge,
            "handover_worker_connectors",
            "Connectors of the group.",
            view.state.connectors.count
        )
        let states = Dictionary(grouping: tasks.reports, by: \.state).mapValues(\.count)
        text.add(
            .gauge,
            "handover_worker_tasks",
            "Tasks of this worker by their states.",
            [SinkStatus.State.running, .paused, .unassigned, .restarting, .failed].map {
                .init(states[$0] ?? 0, ["state": $0.rawValue])
            }
        )
        let counts = tasks.counts.sorted { $0.key < $1.key }
        text.add(
            .counter,
            "handover_worker_events_total",
            "Records whose effect is in the destination, by connector, since this worker began.",
            counts.map { .init($0.value.applied, ["connector": $0.key.text]) }
        )
        text.add(
            .gauge,
            "handover_worker_records_behind",
            "Records that this worker's tasks have not applied yet, by connector.",
            counts.filter { $0.value.tasks > 0 }.map {
                .init(Int($0.value.behind), ["connector": $0.key.text])
            }
        )
        return text
    }
}
