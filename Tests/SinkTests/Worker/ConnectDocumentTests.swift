import HTTPServer
import Testing

@testable import Sink

@Suite struct ConnectDocumentTests {
    private let name = ConnectorName("s")

    private func connector(_ target: TargetState = .started) -> WorkerState.Connector {
        WorkerState.Connector(properties: ["tasks.max": "2", "topics": "t"], revision: 1, target: target)
    }

    private func status(_ target: TargetState = .started, _ live: [Heartbeat], workers: [String]) -> String {
        var state = WorkerState()
        state.apply(.connector(name, connector().properties), at: 1)
        state.apply(.target(name, target), at: 2)
        let plan = WorkerPlan(state, workers: workers)
        return HTTPAnswer.json(
            StatusDocument(name, connector(target), live: live, plan: plan, fallback: "me:1")
        ).body
    }

    private func heartbeat(_ worker: String, _ tasks: [(Int, SinkStatus.State, String?)]) -> Heartbeat {
        Heartbeat(
            worker: worker,
            incarnation: worker,
            capacity: 8,
            tasks: tasks.map { Heartbeat.Task(connector: "s", task: $0, state: $1, trace: $2, topics: []) }
        )
    }

    @Test func `a connector is described as Kafka Connect does`() {
        #expect(
            HTTPAnswer.json(ConnectorDocument(name, connector())).body == """
                {"config":{"name":"s","tasks.max":"2","topics":"t"},"name":"s","tasks":[{"connector":"s","task":0},\
                {"connector":"s","task":1}],"type":"sink"}

                """
        )
        #expect(ConnectorDocument(name, connector(.stopped)).tasks.isEmpty)
        let task = TaskDocument(id: .init(connector: "s", task: 0), config: ["a": "b"])
        #expect(
            HTTPAnswer.json([task]).body
                == "[{\"config\":{\"a\":\"b\"},\"id\":{\"connector\":\"s\",\"task\":0}}]\n"
        )
    }

    @Test func `each task is told of by the worker that runs it`() {
        let live = [
            heartbeat("a:1", [(0, .running, nil)]), heartbeat("b:1", [(1, .failed, "no such table")]),
        ]
        #expect(
            status(.started, live, workers: ["a:1", "b:1"]) == """
                {"connector":{"state":"RUNNING","worker_id":"a:1"},"name":"s","tasks":[{"id":0,"state":"RUNNING",\
                "worker_id":"a:1"},{"id":1,"state":"FAILED","trace":"no such table","worker_id":"b:1"}],"type":"sink"}

                """
        )
    }

    @Test func `a task that nobody tells of is unassigned, and a stopped connector has none`() {
        #expect(
            status(.paused, [], workers: ["a:1"]) == """
                {"connector":{"state":"PAUSED","worker_id":"a:1"},"name":"s","tasks":[{"id":0,"state":"UNASSIGNED",\
                "worker_id":"a:1"},{"id":1,"state":"UNASSIGNED","worker_id":"a:1"}],"type":"sink"}

                """
        )
        #expect(
            status(.stopped, [], workers: ["a:1"])
                == #"{"connector":{"state":"STOPPED","worker_id":"me:1"},"name":"s","tasks":[],"type":"sink"}"#
                + "\n"
        )
    }

    @Test func `of two workers that tell of a task, the one that it goes to is right`() {
        var state = WorkerState()
        state.apply(.connector(name, ["tasks.max": "1"]), at: 1)
        let plan = WorkerPlan(state, workers: ["a:1", "b:1"])
        let live = [heartbeat("a:1", [(0, .running, nil)]), heartbeat("b:1", [(0, .running, nil)])]
        for order in [live, live.reversed()] {
            let document = StatusDocument(
                name,
                WorkerState.Connector(properties: ["tasks.max": "1"], revision: 1),
                live: order,
                plan: plan,
                fallback: "me:1"
            )
            #expect(document.tasks.map(\.worker) == [plan.workers[TaskID(connector: name, number: 0)]])
        }
    }

    @Test func `errors, offsets and the rest have Kafka Connect's members`() {
        #expect(RESTRefusal.noConnector(name).answer.status == 404)
        #expect(
            RESTRefusal.noConnector(name).answer.body
                == #"{"error_code":404,"message":"Connector s not found"}"# + "\n"
        )
        let entry = OffsetsDocument.Entry(
            partition: .init(topic: "t", partition: 0),
            offset: .init(offset: 9)
        )
        #expect(
            HTTPAnswer.json(OffsetsDocument(offsets: [entry])).body
                == #"{"offsets":[{"offset":{"kafka_offset":9},"partition":{"kafka_partition":0,"kafka_topic":"t"}}]}"#
                + "\n"
        )
        #expect(
            HTTPAnswer.json(ServerDocument(version: "4.1.0", commit: "x", cluster: "y")).body
                == #"{"commit":"x","kafka_cluster_id":"y","version":"4.1.0"}"# + "\n"
        )
        #expect(
            HTTPAnswer.json([PluginDocument(name: "C", version: "1")]).body
                == #"[{"class":"C","type":"sink","version":"1"}]"# + "\n"
        )
        #expect(
            HTTPAnswer.json(["root": LoggerDocument(level: "INFO")]).body == #"{"root":{"level":"INFO"}}"#
                + "\n"
        )
    }

    @Test func `a configuration is refused with all that is wrong, in Kafka Connect's words`() {
        let problems = [
            ConfigurationProblem(property: "connection.url", value: nil, reason: "is missing"),
            ConfigurationProblem(property: "insert.mode", value: "x", reason: "must be upsert"),
        ]
        #expect(
            PluginAnswers.message(problems) == """
                Connector configuration is invalid and contains the following 2 error(s):
                connection.url: is missing
                insert.mode = "x": must be upsert
                You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`
                """
        )
    }

    @Test func `a validation says what is wrong property by property, and shows no secret`() throws {
        let given = [
            "connection.password": "s3cret", "insert.mode": "x", "no.such": "1", "connection.url": "jdbc:y",
        ]
        let problems = [
            ConfigurationProblem(property: "insert.mode", value: "x", reason: "must be upsert"),
            ConfigurationProblem(property: "no.such", value: nil, reason: "is not a property of this sink"),
            ConfigurationProblem(property: "topics", value: nil, reason: "is missing"),
        ]
        let document = ValidationDocument("C", given, problems)
        #expect(document.errorCount == 3)
        let wrong = document.configs.filter { !$0.value.errors.isEmpty }
        #expect(Set(wrong.map(\.value.name)) == ["insert.mode", "no.such", "topics"])
        let body = HTTPAnswer.json(document).body
        #expect(!body.contains("s3cret"))
        for part in [
            #""error_count":3"#, #""groups":["Kafka and Connect","Destination","#, #""recommended_values":["#,
            #""visible":true"#,
            #""default_value":null"#, #""display_name":"insert.mode""#, #""dependents":[]"#,
            #""type":"PASSWORD""#,
        ] { #expect(body.contains(part), "\(part)") }
        // Each property once.
        #expect(Set(document.configs.map(\.definition.name)).count == document.configs.count)
    }

    @Test func `more tasks than the live workers run are refused, and fewer never`() throws {
        var state = WorkerState()
        state.apply(.connector(name, ["tasks.max": "8"]), at: 1)
        let live = [Heartbeat(worker: "a:1", incarnation: "1", capacity: 10)]
        let other = ConnectorName("t")
        try ConnectorAnswers.checkRoom(state, other, ["tasks.max": "2"], .started, live)
        try ConnectorAnswers.checkRoom(state, other, ["tasks.max": "9"], .stopped, live)
        #expect(throws: RESTRefusal.self) {
            try ConnectorAnswers.checkRoom(state, other, ["tasks.max": "3"], .started, live)
        }
        // After a worker's end there is too much already; what makes it less is taken.
        let less = [Heartbeat(worker: "a:1", incarnation: "1", capacity: 2)]
        try ConnectorAnswers.checkRoom(state, name, ["tasks.max": "4"], .started, less)
        for number in 0..<WorkerState.mostConnectors - 1 {
            state.apply(.connector(ConnectorName("x\(number)"), ["tasks.max": "1"]), at: 2)
        }
        #expect(throws: RESTRefusal.self) {
            try ConnectorAnswers.checkRoom(state, other, [:], .stopped, live)
        }
    }
}
