import HTTPServer
import Logs

/// How connectors and tasks do, and the orders that change it.
struct StateAnswers: Sendable {
    let routes: WorkerRoutes

    /// `GET /connectors/NAME/status`.
    func status(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        return .json(try document(name, try routes.desk.view()))
    }

    /// `GET /connectors/NAME/tasks`.
    func tasks(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        return .json(
            (0..<connector.taskCount).map { number in
                TaskDocument(
                    id: ConnectorDocument.Task(connector: name.text, task: number),
                    config: connector.shown(as: name)
                )
            }
        )
    }

    /// `GET /connectors/NAME/tasks-config`.
    func taskConfigs(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        let all = (0..<connector.taskCount).map { ("\(name)-\($0)", connector.shown(as: name)) }
        return .json(Dictionary(all) { first, _ in first })
    }

    /// `GET /connectors/NAME/tasks/N/status`.
    func task(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        let number = try number(question)
        let missing = RESTRefusal(404, "No status found for task \(name)-\(number)")
        let view = try routes.desk.view()
        guard view.state.connectors[name] != nil else { throw missing }
        guard let task = try document(name, view).tasks.first(where: { $0.id == number }) else {
            throw missing
        }
        return .json(task)
    }

    /// `GET /connectors/NAME/topics`: those that its tasks read now.
    func topics(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let (name, _) = try routes.connector(question)
        let reports = try routes.desk.view().live.flatMap(\.tasks).filter {
            $0.connector.isSame(as: name.text)
        }
        let topics = Set(reports.flatMap(\.topics).map { ExactText($0) }).map(\.text)
        return .json([name.text: ["topics": topics.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }]])
    }

    /// `PUT /connectors/NAME/topics/reset`: there is no list to forget, for each answer is made anew.
    func resetTopics(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        _ = try routes.connector(question)
        throw RESTRefusal(403, "Topic tracking reset is disabled.")
    }

    /// `PUT /connectors/NAME/pause`, `resume` and `stop`.
    func target(
        _ question: HTTPQuestion,
        _ target: TargetState,
        status: Int
    ) async throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        routes.ordered(
            target == .paused ? "pause" : target == .stopped ? "stop" : "resume",
            name
        )
        let live = try routes.desk.view().live
        _ = try await routes.desk.order { state throws(RESTRefusal) in
            guard let connector = state.connectors[name] else {
                throw RESTRefusal(404, "Unknown connector \(name)")
            }
            try ConnectorAnswers.checkRoom(state, name, connector.properties, target, live)
            return [.target(name, target)]
        }
        return HTTPAnswer(status: status, body: "")
    }

    /// `POST /connectors/NAME/restart`.
    func restart(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        let order = RestartOrder(
            includesTasks: question.query("includeTasks")?.lowercasedASCII == "true",
            onlyFailed: question.query("onlyFailed")?.lowercasedASCII == "true"
        )
        routes.ordered("restart", name)
        _ = try await routes.desk.order { state throws(RESTRefusal) in
            guard state.connectors[name] != nil else { throw RESTRefusal(404, "Unknown connector: \(name)") }
            return [.restart(name, order)]
        }
        guard order.includesTasks || order.onlyFailed else { return HTTPAnswer(status: 204, body: "") }
        return .json(try document(name, try routes.desk.view()), status: 202)
    }

    /// `POST /connectors/NAME/tasks/N/restart`.
    func restartTask(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        let number = try number(question)
        routes.ordered("restart a task", name)
        _ = try await routes.desk.order { state throws(RESTRefusal) in
            guard let connector = state.connectors[name] else {
                throw RESTRefusal(404, "Unknown connector: \(name)")
            }
            guard number < connector.taskCount else {
                throw RESTRefusal(404, "Unknown task: \(name)-\(number)")
            }
            return [.restart(name, RestartOrder(includesTasks: true, onlyFailed: false, task: number))]
        }
        return HTTPAnswer(status: 204, body: "")
    }

    // MARK: Parts

    func document(
        _ name: ConnectorName,
        _ connector: WorkerState.Connector,
        _ view: StateFollower.View,
        _ plan: WorkerPlan
    ) -> StatusDocument {
        StatusDocument(name, connector, live: view.live, plan: plan, fallback: routes.worker)
    }

    private func document(_ name: ConnectorName, _ view: StateFollower.View) throws(RESTRefusal)
        -> StatusDocument
    {
        guard let connector = view.state.connectors[name] else {
            throw RESTRefusal(404, "No status found for connector \(name)")
        }
        return document(name, connector, view, WorkerPlan(view.state, workers: view.live.map(\.worker)))
    }

    private func number(_ question: HTTPQuestion) throws(RESTRefusal) -> Int {
        guard let number = Int(question["task"] ?? ""), number >= 0 else {
            throw RESTRefusal(404, "A task's number is a whole number from 0")
        }
        return number
    }
}
