import HTTPRequests
import HTTPServer
import Logs
import Threading

/// Connectors: what there are, and how they come, change and go.
struct ConnectorAnswers: Sendable {
    let routes: WorkerRoutes

    /// `GET /connectors`, with `expand=info` and `expand=status`.
    func list(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let view = try routes.desk.view()
        let wanted = question.queries("expand")
        guard !wanted.isEmpty else { return .json(view.state.connectors.keys.sorted().map(\.text)) }
        let status = StateAnswers(routes: routes)
        let plan = WorkerPlan(view.state, workers: view.live.map(\.worker))
        var all: [String: ExpandedDocument] = [:]
        for (name, connector) in view.state.connectors {
            var document = ExpandedDocument()
            if wanted.holds("info") { document.info = ConnectorDocument(name, connector) }
            if wanted.holds("status") { document.status = status.document(name, connector, view, plan) }
            all[name.text] = document
        }
        return .json(all)
    }

    /// `POST /connectors`.
    func create(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let wanted = try RequestBody.creation(question)
        routes.ordered("create", wanted.name)
        try await check(wanted.name, wanted.properties)
        let properties = wanted.properties.merging(["name": wanted.name.text]) { $1 }
        let view = try routes.desk.view()
        let state = try await routes.desk.order { state throws(RESTRefusal) in
            guard state.connectors[wanted.name] == nil else {
                throw RESTRefusal(409, "Connector \(wanted.name) already exists")
            }
            try Self.checkRoom(state, wanted.name, properties, wanted.initial, view.live)
            // The state first: what runs for a moment only may have done harm.
            return [.target(wanted.name, wanted.initial), .connector(wanted.name, properties)]
        }
        return try document(wanted.name, state, status: 201)
    }

    /// `GET /connectors/NAME`.
    func show(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        return .json(ConnectorDocument(name, connector))
    }

    /// `GET /connectors/NAME/config`.
    func config(_ question: HTTPQuestion) throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        return .json(connector.shown(as: name))
    }

    /// `PUT /connectors/NAME/config`: makes it where it is not there.
    func replace(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let name = try ConnectorName(new: question["name"] ?? "")
        let properties = try RequestBody.properties(question, of: name.text).merging(["name": name.text]) {
            $1
        }
        routes.ordered("configure", name)
        try await check(name, properties)
        let view = try routes.desk.view()
        let isThere = view.state.connectors[name] != nil
        let state = try await routes.desk.order { state throws(RESTRefusal) in
            let target = state.connectors[name]?.target ?? .started
            try Self.checkRoom(state, name, properties, target, view.live)
            return [.target(name, target), .connector(name, properties)]
        }
        return try document(name, state, status: isThere ? 200 : 201)
    }

    /// `PATCH /connectors/NAME/config`: some properties, the others stay.
    func change(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        let changes = try RequestBody.changes(question, of: name.text)
        routes.ordered("configure", name)
        let changed = Self.patched(connector.properties, changes)
        try await check(name, changed)
        let view = try routes.desk.view()
        let state = try await routes.desk.order { state throws(RESTRefusal) in
            guard let now = state.connectors[name] else { throw .noConnector(name) }
            guard now.revision == connector.revision else {
                throw RESTRefusal(409, "Connector \(name) was changed by somebody else meanwhile; try again")
            }
            try Self.checkRoom(state, name, changed, now.target, view.live)
            return [.connector(name, changed)]
        }
        return try document(name, state, status: 200)
    }

    /// `DELETE /connectors/NAME`; its progress stays in the destination, as its group's offsets stay in Kafka.
    func delete(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let name = routes.name(question)
        routes.ordered("delete", name)
        _ = try await routes.desk.order { state throws(RESTRefusal) in
            guard state.connectors[name] != nil else { throw .noConnector(name) }
            return [.connector(name, nil), .target(name, nil)]
        }
        return HTTPAnswer(status: 204, body: "")
    }

    // MARK: Parts

    static func patched(_ properties: [String: String], _ changes: [String: String?]) -> [String: String] {
        var changed = properties
        for (property, value) in changes { changed[property] = value }
        return changed
    }

    private func document(
        _ name: ConnectorName,
        _ state: WorkerState,
        status: Int
    ) throws(RESTRefusal) -> HTTPAnswer {
        guard let connector = state.connectors[name] else { throw .noConnector(name) }
        let answer = HTTPAnswer.json(ConnectorDocument(name, connector), status: status)
        guard status == 201 else { return answer }
        return HTTPAnswer(
            status: status,
            contentType: answer.contentType,
            body: answer.body,
            headers: ["Location": "/connectors/\(HTTPBase.segment(name.text))"]
        )
    }

    /// - Throws: `RESTRefusal` with all that is wrong with a connector's properties.
    private func check(_ name: ConnectorName, _ properties: [String: String]) async throws(RESTRefusal) {
        let problems = await PluginAnswers.problems(of: name, properties, routes.configuration.connectors)
        guard !problems.isEmpty else { return }
        throw RESTRefusal(400, PluginAnswers.message(problems))
    }

    /// - Throws: `RESTRefusal` when the live workers cannot run what would be there.
    static func checkRoom(
        _ state: WorkerState,
        _ name: ConnectorName,
        _ properties: [String: String],
        _ target: TargetState,
        _ live: [Heartbeat]
    ) throws(RESTRefusal) {
        var after = state
        after.apply(.connector(name, properties), at: .max)
        after.apply(.target(name, target), at: .max)
        guard after.connectors.count <= WorkerState.mostConnectors else {
            throw RESTRefusal(
                400,
                "There are \(WorkerState.mostConnectors) connectors, and no more can be kept"
            )
        }
        let (before, count) = (state.tasks.count, after.tasks.count)
        let capacity = live.reduce(0) { $0 + $1.capacity }
        guard count <= before || count <= capacity || live.isEmpty else {
            throw RESTRefusal(
                400,
                "There would be \(count) tasks, and the \(live.count) workers that live run \(capacity) at most: lower "
                    + "tasks.max, add a worker, or give them more by --max-tasks"
            )
        }
    }
}
