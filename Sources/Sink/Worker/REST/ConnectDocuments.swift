/// A connector as Kafka Connect describes it (`ConnectorInfo`).
struct ConnectorDocument: Encodable, Equatable, Sendable {
    struct Task: Encodable, Equatable, Sendable {
        let connector: String
        let task: Int
    }

    let name: String
    let config: [String: String]
    let tasks: [Task]
    let type = "sink"

    init(_ name: ConnectorName, _ connector: WorkerState.Connector) {
        self.name = name.text
        config = connector.shown(as: name)
        tasks = (0..<connector.taskCount).map { Task(connector: name.text, task: $0) }
    }

    private enum CodingKeys: String, CodingKey { case name, config, tasks, type }
}

extension WorkerState.Connector {
    /// The properties as they were given, with the name that Kafka Connect puts there.
    func shown(as name: ConnectorName) -> [String: String] {
        properties.merging(["name": name.text]) { $1 }
    }
}

/// One task with its properties (`TaskInfo`): all tasks of a connector have its own.
struct TaskDocument: Encodable, Equatable, Sendable {
    let id: ConnectorDocument.Task
    let config: [String: String]
}

/// A connector and its tasks as they do (`ConnectorStateInfo`).
struct StatusDocument: Encodable, Equatable, Sendable {
    struct Part: Encodable, Equatable, Sendable {
        let state: String
        let worker: String

        private enum CodingKeys: String, CodingKey {
            case state
            case worker = "worker_id"
        }
    }

    struct Task: Encodable, Equatable, Sendable {
        let id: Int
        let state: String
        let worker: String
        let trace: String?

        private enum CodingKeys: String, CodingKey {
            case id, state, trace
            case worker = "worker_id"
        }
    }

    let name: String
    let connector: Part
    let tasks: [Task]
    let type = "sink"

    private enum CodingKeys: String, CodingKey { case name, connector, tasks, type }

    /// - Parameters:
    ///   - live: what the workers that live have told.
    ///   - fallback: the worker that is named where none lives.
    init(
        _ name: ConnectorName,
        _ connector: WorkerState.Connector,
        live: [Heartbeat],
        plan: WorkerPlan,
        fallback: String
    ) {
        self.name = name.text
        var told: [TaskID: (report: Heartbeat.Task, worker: String)] = [:]
        for heartbeat in live {
            for report in heartbeat.tasks where report.connector.isSame(as: name.text) {
                let isPlanned = plan.workers[report.id]?.isSame(as: heartbeat.worker) == true
                // For a moment two workers may tell of a task: the one that it is going to is right.
                if told[report.id] == nil || isPlanned { told[report.id] = (report, heartbeat.worker) }
            }
        }
        tasks = (0..<connector.taskCount).map { number in
            let id = TaskID(connector: name, number: number)
            let found = told[id]
            return Task(
                id: number,
                state: (found?.report.state ?? .unassigned).rawValue,
                worker: found?.worker ?? plan.workers[id] ?? fallback,
                trace: found?.report.trace
            )
        }
        let state =
            switch connector.target {
            case .started: "RUNNING"
            case .paused: "PAUSED"
            case .stopped: "STOPPED"
            }
        self.connector = Part(state: state, worker: tasks.first?.worker ?? fallback)
    }
}

/// `GET /connectors?expand=…`: what is there of each connector.
struct ExpandedDocument: Encodable, Sendable {
    var info: ConnectorDocument?
    var status: StatusDocument?
}

/// `GET /connectors/NAME/offsets`.
struct OffsetsDocument: Encodable, Equatable, Sendable {
    struct Partition: Encodable, Equatable, Sendable {
        let topic: String
        let partition: Int32

        private enum CodingKeys: String, CodingKey {
            case topic = "kafka_topic"
            case partition = "kafka_partition"
        }
    }

    struct Offset: Encodable, Equatable, Sendable {
        let offset: Int64

        private enum CodingKeys: String, CodingKey { case offset = "kafka_offset" }
    }

    struct Entry: Encodable, Equatable, Sendable {
        let partition: Partition
        let offset: Offset
    }

    let offsets: [Entry]
}

/// An answer that says only that something was done.
struct MessageDocument: Encodable, Sendable {
    let message: String
}

/// `GET /`.
struct ServerDocument: Encodable, Sendable {
    let version: String
    let commit: String
    let cluster: String?

    private enum CodingKeys: String, CodingKey {
        case version, commit
        case cluster = "kafka_cluster_id"
    }
}

/// `GET /connector-plugins`.
struct PluginDocument: Encodable, Sendable {
    let name: String
    let version: String
    let type = "sink"

    private enum CodingKeys: String, CodingKey {
        case version, type
        case name = "class"
    }
}

/// `GET /admin/loggers`.
struct LoggerDocument: Encodable, Sendable {
    let level: String
}
