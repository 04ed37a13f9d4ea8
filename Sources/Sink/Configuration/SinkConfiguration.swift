import Kafka
import Postgres

/// What a sink was told to do, validated.
///
/// More than twelve properties: each is a part of the connector's file.
struct SinkConfiguration: Sendable {
    /// The connector's name: its progress is stored under it, its group is `connect-NAME` as in Connect.
    let name: String
    let bootstrapServers: String
    let selection: TopicSelection
    let destination: ConnectionOptions
    /// How a record's table is named.
    let tableNameFormat: TableNameFormat
    /// Which tables may be the target of records, and where the sink's own are.
    let targets: TargetPolicy
    /// What records do to a table.
    let modes: WriteModes
    /// How keys and values are read.
    let converters: RecordConverters
    /// Which fields are written.
    let fieldFilter: FieldFilter
    /// How large a batch may get.
    let limits: BatchLimits
    /// How often a record is tried again that a constraint refuses and rows of other partitions may let in.
    let retryCount: Int
    /// The pause before each of these tries.
    let retryDelay: Duration
    /// Consumers in this process, each with its own connection.
    let laneCount: Int
    /// Properties for librdkafka, from `consumer.override.…`.
    let consumerOverrides: [String: String]
    /// Where partitions begin that neither the destination nor the group knows.
    let firstStart: FirstStart.Policy
    /// What becomes of records that cannot be applied.
    let errors: ErrorPolicy
    /// Properties for librdkafka, from `producer.override.…`.
    let producerOverrides: [String: String]
    /// What records go through before they are decoded; `nil` where they are applied as they come.
    let transforms: TransformChain?
    /// What is in the file and changes nothing here.
    let notes: [ConfigurationNote]

    var groupID: String { "connect-\(name)" }

    /// The topics that the file lists; none where it has an expression instead.
    var topics: [String] { selection.listed }

    /// The table that a topic's rows go to, where the topic alone decides.
    func tableName(forTopic topic: String) -> String? {
        guard tableNameFormat.dependsOnTopicOnly else { return nil }
        guard let transforms else { return tableNameFormat.name(topic: topic) }
        return transforms.topic(for: topic).map { tableNameFormat.name(topic: $0) }
    }

    /// How often to look for topics that match.
    var topicRefreshInterval: Duration {
        .milliseconds(consumerProperties["topic.metadata.refresh.interval.ms"].flatMap { Int($0) } ?? 5_000)
    }

    /// The tables that topics go to, each once, in the order of the topics; none where records name them.
    func tableNames(of topics: [String]) -> [String] {
        var names: [String] = []
        for case let name? in topics.map(tableName) where !names.contains(name) { names.append(name) }
        return names
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
            // Where a partition ends: after markers of transactions, too.
            "enable.partition.eof": "true",
        ]
        // Several batches ahead are enough, and memory stays the same at any backlog; but only a librdkafka that can be
        // told so looks more often than once a second whether there is room again.
        if Consumer.knows("fetch.queue.backoff.ms") {
            properties["fetch.queue.backoff.ms"] = "2"
            properties["queued.max.messages.kbytes"] = "16384"
            // What is fetched at once comes on top of it.
            properties["fetch.max.bytes"] = "16777216"
        }
        if consumerOverrides["group.protocol"] == "consumer" {
            // The brokers decide on these since KIP-848, and librdkafka refuses them then.
            for name in ["partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms"] {
                properties[name] = nil
            }
        }
        for (name, value) in consumerOverrides { properties[name] = value }
        return properties
    }

    /// librdkafka's properties of one lane's consumer: a static member of a group (KIP-345) has a name of its own.
    func memberProperties(lane: Int) -> [String: String] {
        var properties = consumerProperties
        if let name = properties["group.instance.id"], laneCount > 1 {
            properties["group.instance.id"] = "\(name)-\(lane)"
        }
        return properties
    }

    /// librdkafka's properties of a consumer beside the group: it has the group's name, to which its rights are given,
    /// and joins nothing.
    var lookingProperties: [String: String] {
        var properties = brokerProperties
        properties["group.id"] = consumerOverrides["group.id"] ?? groupID
        properties["client.id"] = consumerOverrides["client.id"] ?? "handover-sink-\(name)-look"
        return properties
    }

    /// How any other client of the same brokers reaches them: where they are, TLS and SASL.
    var brokerProperties: [String: String] {
        var properties = consumerOverrides.filter { name, _ in
            [
                "security.", "ssl.", "sasl.", "enable.ssl.", "enable.sasl.", "https.", "client.dns.",
                "broker.address.",
            ]
            .contains { name.begins(with: $0) }
        }
        properties["bootstrap.servers"] = bootstrapServers
        return properties
    }

    /// librdkafka's properties of the producer of dead letters.
    var producerProperties: [String: String] {
        var properties = [
            "client.id": "handover-sink-\(name)-dead-letters",
            "enable.idempotence": "true",
            "acks": "all",
            // Shorter than the group's session: what is not acknowledged by then is given up before another
            // instance can own the partition and send the same dead letter.
            "message.timeout.ms": "5000",
            // The topic's own limit decides.
            "message.max.bytes": "1000000000",
            "allow.auto.create.topics": "false",
        ]
        for (name, value) in brokerProperties { properties[name] = value }
        for (name, value) in producerOverrides { properties[name] = value }
        return properties
    }

    /// Reads the properties of a file; both the Debezium and the Confluent names are understood.
    ///
    /// - Throws: `ConfigurationError` with every problem found.
    init(_ file: ConnectorFile, secrets: SecretSource = SecretSource()) throws(ConfigurationError) {
        var reader = PropertyReader(file.properties, secrets: secrets)
        reader.refuseTraps()
        let identifiers = reader.identifierCase()
        let expectsRows = reader.expectsRows
        let isConfluent = reader.isConfluent
        name = file.name
        _ = reader.read(PropertyCatalog.connectorClass)
        bootstrapServers = reader.read(PropertyCatalog.brokers)
        selection = reader.topicSelection()
        destination = reader.destination(of: file.name)
        modes = WriteModes(&reader, identifiers: identifiers, expectsRows: expectsRows)
        let format = reader.tableNameFormat(
            identifiers,
            isConfluent: isConfluent,
            database: destination["dbname"]
        )
        targets = reader.targetPolicy(format)
        fieldFilter = FieldFilter(&reader, modes: modes)
        limits = BatchLimits(
            recordCount: reader.read(PropertyCatalog.batchSize),
            byteCount: reader.read(PropertyCatalog.batchBytes)
        )
        retryCount = reader.read(PropertyCatalog.retries)
        retryDelay = .milliseconds(reader.read(PropertyCatalog.retryDelay))
        laneCount = reader.read(PropertyCatalog.lanes)
        converters = reader.converters()
        errors = ErrorPolicy(&reader, topics: selection.listed)
        producerOverrides = reader.producerOverrides(isUsed: errors.deadLetterTopic != nil)
        _ = reader.read(PropertyCatalog.timeZone)
        reader.takeUnwrapping(deletesRows: modes.deletesRows)
        transforms = reader.transformChain(deletesRows: modes.deletesRows)
        firstStart = reader.firstStart()
        consumerOverrides = reader.consumerOverrides()
        if let format, !format.dependsOnTopicOnly, modes.evolution.requiresTables {
            reader.add(
                PropertyCatalog.evolution,
                SchemaEvolution.Mode.validateOnly.rawValue,
                "needs tables that are known at start, and collection.name.format names them by their records"
            )
        }
        let problems = reader.finish()
        notes = reader.notes
        guard let format, problems.isEmpty else {
            throw ConfigurationError(file: file.path, problems: problems)
        }
        tableNameFormat = format
    }
}

/// The connectors whose configuration this sink understands.
enum ConnectorClass {
    static let known = [
        "io.debezium.connector.jdbc.JdbcSinkConnector",
        "io.confluent.connect.jdbc.JdbcSinkConnector",
        "io.aiven.connect.jdbc.JdbcSinkConnector",
    ]
}
