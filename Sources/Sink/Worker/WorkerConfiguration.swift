import Files
import Glibc
import HTTPServer
import Kafka

/// What a worker was told, by a file such as Kafka Connect's connect-distributed.properties.
struct WorkerConfiguration: Sendable {
    /// Why the worker cannot be started with a file.
    struct Failure: Error, CustomStringConvertible {
        let file: String
        let problems: [ConfigurationProblem]

        var description: String { ConfigurationError(file: file, problems: problems).description }
    }

    let groupID: String
    let topics: WorkerTopics
    /// Where its REST interface listens, unless an option says otherwise.
    let listen: ListenAddress?
    /// Whether the file wants HTTPS there.
    let wantsTLS: Bool
    /// The name and the port under which others reach it, where they are not those that it listens on.
    let advertisedHost: String?
    let advertisedPort: Int?
    /// How often it tells that it lives.
    let heartbeat: Duration
    /// After how long a silent worker's tasks are others'.
    let session: Duration
    /// What it gives to each connector.
    let connectors: WorkerFile
    let notes: [ConfigurationNote]
    private let client: [String: String]

    /// - Throws: `Failure` with all that is wrong.
    init(path: String, secrets: SecretSource = SecretSource()) throws(Failure) {
        let given: [String: String]
        do throws(PropertiesText.Unreadable) {
            given = try PropertiesText(path: path).values
        } catch {
            let problem = ConfigurationProblem(property: "file", value: nil, reason: error.description)
            throw Failure(file: path, problems: [problem])
        }
        try self.init(given, path: path, secrets: secrets)
    }

    init(_ given: [String: String], path: String, secrets: SecretSource = SecretSource()) throws(Failure) {
        var reader = WorkerProperties(given, secrets: secrets)
        groupID = reader.required("group.id", "workers of one name share their connectors")
        let servers = reader.required("bootstrap.servers", "host:port of a broker")
        topics = WorkerTopics(
            state: WorkerTopics.Topic(
                name: reader.required("config.storage.topic", "the connectors are kept there"),
                replicationFactor: reader.replicationFactor("config.storage.replication.factor")
            ),
            status: WorkerTopics.Topic(
                name: reader.required("status.storage.topic", "the workers hear of one another there"),
                replicationFactor: reader.replicationFactor("status.storage.replication.factor")
            )
        )
        let listener = reader.listen()
        (listen, wantsTLS) = (listener?.address, listener?.isTLS ?? false)
        advertisedHost = reader.take("rest.advertised.host.name")
        advertisedPort = reader.port("rest.advertised.port")
        let beat = reader.number("heartbeat.interval.ms", in: 100...60_000, default: 3_000)
        let silence = reader.number("session.timeout.ms", in: 1_000...600_000, default: 10_000)
        if silence < 2 * beat {
            reader.add("session.timeout.ms", "must be twice heartbeat.interval.ms at least: one may be late")
        }
        (heartbeat, session) = (.milliseconds(beat), .milliseconds(silence))
        client = reader.client().merging(["bootstrap.servers": servers]) { $1 }
        connectors = WorkerFile(given)
        let problems = reader.finish()
        guard problems.isEmpty else { throw Failure(file: path, problems: problems) }
        notes = reader.notes
    }

    /// librdkafka's properties of the consumer of both topics; it joins no group.
    var consumerProperties: [String: String] {
        client.merging([
            "group.id": groupID,
            "client.id": "handover-worker-\(groupID)",
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
            "allow.auto.create.topics": "false",
            "isolation.level": "read_committed",
            "check.crcs": "true",
        ]) { $1 }
    }

    /// librdkafka's properties of what writes to both topics.
    var producerProperties: [String: String] {
        client.merging([
            "client.id": "handover-worker-\(groupID)",
            "acks": "all",
            "enable.idempotence": "true",
            "linger.ms": "0",
            "message.timeout.ms": "10000",
            "allow.auto.create.topics": "false",
        ]) { $1 }
    }

    /// The name by which the workers know this one.
    func workerID(listening address: ListenAddress) -> String {
        // A Unix socket has no port, and several workers of a machine may listen on some.
        let port = advertisedPort ?? (address.path == nil ? address.port : Int(getpid()))
        let isAnywhere =
            address.host.isSame(as: "0.0.0.0") || address.host.isSame(as: "::") || address.host.isEmpty
        let host = advertisedHost ?? (isAnywhere ? HostName.own : address.host)
        return "\(host):\(port)"
    }
}
