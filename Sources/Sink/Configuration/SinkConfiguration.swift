import Shared

/// What a sink was told to do, validated.
struct SinkConfiguration: Sendable {
    /// The connector's name: its progress is stored under it, its group is `connect-NAME` as in Connect.
    let name: String
    let bootstrapServers: String
    let topics: [String]
    let destination: ConnectionOptions
    /// Name of the destination table; `${topic}` stands for the topic with dots replaced by underscores.
    let tableNameFormat: String
    /// What records do to a table.
    let modes: WriteModes
    /// Records in a batch, at most.
    let batchSize: Int
    /// Consumers in this process, each with its own connection.
    let laneCount: Int
    /// Properties for librdkafka, from `consumer.override.…`.
    let consumerOverrides: [String: String]
    /// What is in the file and changes nothing here.
    let notes: [ConfigurationNote]

    var groupID: String { "connect-\(name)" }

    /// The table that a topic's rows go to, in lower case as PostgreSQL reads unquoted names.
    func tableName(forTopic topic: String) -> String {
        tableNameFormat.replacing("${topic}", with: topic.replacing(".", with: "_")).lowercased()
    }

    /// librdkafka's properties of each consumer.
    var consumerProperties: [String: String] {
        var properties = [
            "bootstrap.servers": bootstrapServers,
            "group.id": groupID,
            "client.id": "handover-sink-\(name)",
            // Progress lives in the destination; what Kafka knows is for the tools that show lag.
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            // A partition whose stored offset is gone must stop the sink, never skip.
            "auto.offset.reset": "error",
            // Partitions that stay where they are go on during a rebalance.
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": "6000",
            "heartbeat.interval.ms": "2000",
            "topic.metadata.refresh.interval.ms": "5000",
            "allow.auto.create.topics": "false",
            "check.crcs": "true",
        ]
        for (name, value) in consumerOverrides { properties[name] = value }
        return properties
    }

    /// Reads the properties of a file; both the Debezium and the Confluent names are understood.
    ///
    /// - Throws: `ConfigurationError` with every problem found.
    init(_ file: ConnectorFile, secrets: SecretSource = SecretSource()) throws(ConfigurationError) {
        var reader = PropertyReader(file.properties, secrets: secrets)
        reader.refuseTraps()
        name = file.name
        reader.only("connector.class", ConnectorClass.known)
        bootstrapServers = reader.required(
            "bootstrap.servers",
            hint: "host:port of a broker; in Kafka Connect the worker has it"
        )
        topics = reader.required("topics", hint: "names of topics, separated by commas")
            .split(separator: ",").map { $0.trimming }.filter { !$0.isEmpty }
        destination = reader.destination(of: file.name)
        modes = WriteModes(&reader)
        tableNameFormat = reader.tableNameFormat()
        batchSize = reader.number("batch.size", in: 1...100_000, default: 5_000)
        laneCount = reader.number("tasks.max", in: 1...64, default: 1)
        for property in ["key.converter", "value.converter"] {
            reader.only(property, ["org.apache.kafka.connect.json.JsonConverter"])
            // Both forms are recognised by their shape; the values are checked all the same.
            _ = reader.flag("\(property).schemas.enable", default: true)
        }
        reader.only("quote.identifiers", ["false"], because: "this version reads names as unquoted ones")
        reader.only(
            "errors.tolerance",
            ["none"],
            because: "this version stops at a record that it cannot apply"
        )
        for property in ["use.time.zone", "database.time_zone", "db.timezone"] {
            reader.only(property, ["UTC"], because: "the supported types have no time zone")
        }
        reader.takeUnwrapping(deletesRows: modes.deletesRows)
        consumerOverrides = reader.consumerOverrides()
        let problems = reader.finish()
        notes = reader.notes
        guard problems.isEmpty else { throw ConfigurationError(file: file.path, problems: problems) }
    }
}

/// The connectors whose configuration this sink understands.
private enum ConnectorClass {
    static let known = [
        "io.debezium.connector.jdbc.JdbcSinkConnector",
        "io.confluent.connect.jdbc.JdbcSinkConnector",
        "io.aiven.connect.jdbc.JdbcSinkConnector",
    ]
}
