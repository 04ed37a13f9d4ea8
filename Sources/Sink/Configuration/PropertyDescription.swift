import Postgres

/// What the reference says of a property that is read; those that are not have their reason in the catalog.
struct PropertyDescription: Sendable {
    enum Values: Sendable {
        /// These words and no others; the second list is what the peers know beside them.
        case words([String], notHere: [String] = [])
        case text(String)
    }

    /// The name of its entry in the catalog.
    let property: String
    let values: Values
    /// What holds without it, as it would be written; empty where there is no such value.
    let fallback: String
    let meaning: String
    /// How the peers differ.
    let peers: String

    init(
        _ property: String,
        _ values: Values,
        default fallback: String = "",
        _ meaning: String,
        peers: String = ""
    ) {
        (self.property, self.values, self.fallback) = (property, values, fallback)
        (self.meaning, self.peers) = (meaning, peers)
    }
}

extension PropertyCatalog {
    private static let flag = PropertyDescription.Values.words(["true", "false"])
    private static let converter = "org.apache.kafka.connect.json.JsonConverter"

    /// One for each property that is read.
    static let descriptions =
        kafkaDescriptions + connectionDescriptions + writingDescriptions
        + namingDescriptions + targetDescriptions + errorDescriptions

    static func description(of property: KnownProperty) -> PropertyDescription? {
        descriptions.first { $0.property == property.name }
    }

    private static let kafkaDescriptions = [
        PropertyDescription(
            "name",
            .text("any text"),
            "progress is stored under it; the consumer group is `connect-NAME`, as in Connect"
        ),
        PropertyDescription(
            "connector.class",
            .words(ConnectorClass.known),
            "may be left out"
        ),
        PropertyDescription(
            "bootstrap.servers",
            .text("host:port, …"),
            "brokers; required",
            peers: "in Connect the worker has it"
        ),
        PropertyDescription("topics", .text("names, …"), "topics to apply; it or `topics.regex` is required"),
        PropertyDescription(
            "topics.regex",
            .text("an expression"),
            "topics to apply by name: [below](#topics-by-an-expression)"
        ),
        PropertyDescription(
            "tasks.max",
            .text("1 to 64"),
            default: "1",
            "lanes: consumers, each with a connection of its own"
        ),
        PropertyDescription(
            "key.converter",
            .words(KeyConverter.allCases.map(\.rawValue) + RegistryConverterClass.allCases.map(\.rawValue)),
            default: converter,
            "how a key's bytes are read; what is no JSON is one value"
        ),
        PropertyDescription(
            "value.converter",
            .words([converter] + RegistryConverterClass.allCases.map(\.rawValue)),
            default: converter,
            "how a value's bytes are read; with a registry, as formats.md says"
        ),
        PropertyDescription(
            "transforms",
            .text("names, …"),
            "single message transforms, in their order: [transforms.md](transforms.md)"
        ),
        PropertyDescription(
            "transforms.*",
            .text(""),
            "`transforms.NAME.type`, its options, and `.predicate` with `.negate`"
        ),
        PropertyDescription("predicates", .text("names, …"), "conditions of transforms"),
        PropertyDescription(
            "predicates.*",
            .text(""),
            "`predicates.NAME.type` and its options"
        ),
        PropertyDescription(
            "key.converter.schemas.enable",
            flag,
            default: "true",
            "keys with and without schema are recognised by their shape, whatever it says"
        ),
        PropertyDescription(
            "value.converter.schemas.enable",
            flag,
            default: "true",
            "values with and without schema are recognised by their shape, whatever it says",
            peers: "false is refused by Debezium's sink"
        ),
        PropertyDescription(
            "consumer.override.*",
            .text("librdkafka's properties"),
            "passed on: [below](#consumeroverride)"
        ),
        PropertyDescription(
            "producer.override.*",
            .text("librdkafka's properties"),
            "for the producer of dead letters: what is not given is taken from `consumer.override.*`"
        ),
    ]

    private static let targetDescriptions = [
        PropertyDescription(
            "control.schema",
            .text("a schema"),
            default: ControlTable.defaultSchema,
            "where the sink keeps its own tables, `sink_progress` and `sink_dead_letters`: "
                + "[roles](roles.md#the-tables-of-the-programs)",
            peers: "they have none"
        ),
        PropertyDescription(
            "collection.schema.include.list",
            .text("schemas, …"),
            "the schemas that records may choose by `collection.name.format`; without it all but the server's own "
                + "and `control.schema`, as far as the user's rights go",
            peers: "any"
        ),
        PropertyDescription(
            "collections.max",
            .text("1 to 100000"),
            default: "\(TargetPolicy.defaultTableLimit)",
            "tables that records may choose, by `collection.name.format` or as topics that match `topics.regex`",
            peers: "no limit"
        ),
    ]

    private static let errorDescriptions = [
        PropertyDescription(
            "errors.tolerance",
            .words(["none", "all"]),
            default: "none",
            "`none`: a record that cannot be applied stops the sink, with its topic, partition, offset and key; "
                + "`all`: the sink goes on without it: [errors](errors.md)"
        ),
        PropertyDescription(
            "errors.deadletterqueue.topic.name",
            .text("a topic"),
            "where such records go, each exactly once; without it they are logged and counted",
            peers: "Debezium only with `internal.enable.sces`; at least once"
        ),
        PropertyDescription(
            "errors.deadletterqueue.topic.replication.factor",
            .text("1 to 32767"),
            default: "3",
            "copies of each dead letter, where the sink makes the topic"
        ),
        PropertyDescription(
            "errors.deadletterqueue.context.headers.enable",
            flag,
            default: "false",
            "whether dead letters say why in Connect's headers; where they come from they always say"
        ),
        PropertyDescription(
            "flush.max.retries",
            .text("0 to 1000000"),
            default: "60",
            "how often a record is tried again that a foreign key or unique constraint refuses: "
                + "[order](modes.md#rows-that-wait-for-others). Lost connections and deadlocks are retried without end",
            peers: "5 for errors of the connection only; Confluent 10 for all"
        ),
        PropertyDescription(
            "flush.retry.delay.ms",
            .text("1 to 600000"),
            default: "1000",
            "the pause before such a try",
            peers: "1000; Confluent 3000"
        ),
    ]

    private static let connectionDescriptions = [
        PropertyDescription(
            "connection.url",
            .text("`jdbc:postgresql://host:port/db?…`"),
            "required; several hosts with commas are tried in their order; parameters: [below](#parameters-of-the-url)"
        ),
        PropertyDescription(
            "connection.username",
            .text("a role"),
            "wins over the URL's `user`; one of the two is required"
        ),
        PropertyDescription("connection.password", .text("text"), "wins over the URL's `password`"),
        PropertyDescription(
            "use.time.zone",
            .words(["UTC"]),
            default: "UTC",
            "values without a zone stay without one",
            peers: "any zone"
        ),
    ]

    private static let writingDescriptions = [
        PropertyDescription(
            "insert.mode",
            .words(InsertMode.allCases.map(\.rawValue)),
            default: InsertMode.insert.rawValue,
            "how rows are written: [modes](modes.md)",
            peers: "Debezium takes a misspelled mode as insert; Aiven's multi is insert here"
        ),
        PropertyDescription(
            "primary.key.mode",
            .words(KeyMode.allCases.map(\.rawValue)),
            default: KeyMode.none.rawValue,
            "where the key comes from: [modes](modes.md)"
        ),
        PropertyDescription(
            "primary.key.fields",
            .text("columns"),
            "the key's columns; without it the table's primary key. Upserts need a unique constraint of exactly these, "
                + "looked up when the topic is first read",
            peers:
                "all fields of key, value or headers; a constraint that is missing is found at the first record"
        ),
        PropertyDescription(
            "delete.enabled",
            flag,
            default: "false",
            "whether deletes and tombstones remove rows; needs a key mode that says which",
            peers: "Debezium starts without one, and a delete has no `where`"
        ),
        PropertyDescription(
            "truncate.enabled",
            flag,
            default: "false",
            "whether truncates empty the table",
            peers: "Debezium does it outside the batch's transaction"
        ),
        PropertyDescription(
            "unavailable.value.placeholder",
            .text("text"),
            default: UnavailableValue.defaultText,
            "what stands for an unchanged large value: the row keeps the one that it has",
            peers: "written into the column as if it were data"
        ),
        PropertyDescription(
            "time.precision.mode",
            .words(TimePrecision.allCases.map(\.rawValue)),
            "what a number in a date, time or timestamp counts where records have no schema: as the source connector's "
                + "property of this name. Without it such a number is refused: [types](types.md#without-schemas)",
            peers: "records need schemas"
        ),
        PropertyDescription(
            "record.form",
            .words(RecordForm.allCases.map(\.rawValue)),
            default: RecordForm.auto.rawValue,
            "whether values are change events or rows; `auto` looks at each: [modes](modes.md#envelope-or-row)",
            peers: "Debezium looks at the name of the schema; Confluent and Aiven read rows only"
        ),
        PropertyDescription(
            "batch.size",
            .text("1 to 100000"),
            default: "5000",
            "records in a transaction, at most; fewer when no more are there",
            peers: "500 and 3000, and never more than one poll"
        ),
        PropertyDescription(
            "batch.max.bytes",
            .text("1048576 to 536870912"),
            default: "67108864",
            "memory that the changes of a transaction take, all tables together; a record that is larger goes alone. A "
                + "lane needs about four times as much: [large records](sink.md#large-records)",
            peers: "no limit"
        ),
    ]

    private static let namingDescriptions = [
        PropertyDescription(
            "collection.name.format",
            .text("table or schema.table"),
            default: "${topic}",
            "the table, with `${topic}` and `${source.FIELD}`: [below](#names-of-tables)"
        ),
        PropertyDescription(
            "quote.identifiers",
            flag,
            default: "false",
            "true: tables and columns are named as topics, fields and `primary.key.fields` are written; false: in lower "
                + "case. With `connector.class` of Confluent or Aiven the default is true"
        ),
        PropertyDescription(
            "quote.sql.identifiers",
            .words(["always", "never"]),
            "Confluent's name for `quote.identifiers`",
            peers: "Confluent reads dots in the topic as catalog and schema"
        ),
        PropertyDescription("sql.quote.identifiers", flag, "Aiven's name for `quote.identifiers`"),
        PropertyDescription(
            "field.include.list",
            .text("`field`, `topic:field`, `/expression/`, …"),
            "the fields of the value that are written, created and added; columns of the key always are",
            peers: "Debezium's documentation says expressions, its code compares names"
        ),
        PropertyDescription(
            "field.exclude.list",
            .text("`field`, `topic:field`, `/expression/`, …"),
            "the fields of the value that are not"
        ),
        PropertyDescription(
            "schema.evolution",
            .words(["none", "validate-only", "basic"]),
            default: "none",
            "what the sink may do to tables: [evolution](evolution.md)",
            peers: "Debezium flushes at each change between two schemas"
        ),
        PropertyDescription(
            "auto.create",
            flag,
            default: "false",
            "Confluent's name for creating tables: [evolution](evolution.md)"
        ),
        PropertyDescription(
            "auto.evolve",
            flag,
            default: "false",
            "Confluent's name for adding columns: [evolution](evolution.md)"
        ),
    ]
}
