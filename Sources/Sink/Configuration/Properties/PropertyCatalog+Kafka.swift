/// What Kafka Connect itself takes in a sink connector's file.
extension PropertyCatalog {
    static let name = Property.text(
        "name",
        values: "any text",
        means: "progress is stored under it; the consumer group is `connect-NAME`, as in Connect"
    )
    static let connectorClass = Property.word(
        "connector.class",
        among: ConnectorClass.known,
        means: "may be left out"
    )
    static let brokers = Property.required(
        "bootstrap.servers",
        values: "host:port, …",
        hint: "host:port of a broker; in Kafka Connect the worker has it",
        means: "brokers; required",
        peers: "in Connect the worker has it"
    )
    static let topics = Property.required(
        "topics",
        values: "names, …",
        hint: "names of topics, separated by commas, or topics.regex",
        means: "topics to apply; it or `topics.regex` is required"
    )
    static let topicPattern = Property.text(
        "topics.regex",
        values: "an expression",
        means: "topics to apply by name: [below](#topics-by-an-expression)"
    )
    static let lanes = Property.number(
        "tasks.max",
        in: 1...64,
        default: 1,
        means: "lanes: consumers, each with a connection of its own"
    )
    static let keyConverter = Property.converter(
        "key.converter",
        KeyConverter.allCases,
        means: "how a key's bytes are read; what is no JSON is one value"
    )
    static let valueConverter = Property.converter(
        "value.converter",
        [.json],
        means: "how a value's bytes are read; with a registry, as formats.md says"
    )
    static let keySchemas = Property.flag(
        "key.converter.schemas.enable",
        default: true,
        means: "keys with and without schema are recognised by their shape, whatever it says"
    )
    static let valueSchemas = Property.flag(
        "value.converter.schemas.enable",
        default: true,
        means: "values with and without schema are recognised by their shape, whatever it says",
        peers: "false is refused by Debezium's sink"
    )
    static let transforms = Property.list(
        "transforms",
        values: "names, …",
        means: "single message transforms, in their order: [transforms.md](transforms.md)"
    )
    static let transformOptions = Property.options(
        "transforms.*",
        means: "`transforms.NAME.type`, its options, and `.predicate` with `.negate`"
    )
    static let predicates = Property.list(
        "predicates",
        values: "names, …",
        means: "conditions of transforms"
    )
    static let predicateOptions = Property.options(
        "predicates.*",
        means: "`predicates.NAME.type` and its options"
    )
    static let consumerOverrides = Property.options(
        "consumer.override.*",
        values: "librdkafka's properties",
        means: "passed on: [below](#consumeroverride)"
    )
    static let producerOverrides = Property.options(
        "producer.override.*",
        values: "librdkafka's properties",
        means: "for the producer of dead letters: what is not given is taken from `consumer.override.*`"
    )

    static let kafka = Group(
        "Kafka and Connect",
        [
            name.entry, connectorClass.entry, brokers.entry, topics.entry, topicPattern.entry, lanes.entry,
            .effectless("tasks.max.enforce", because: "tasks.max is always kept"),
            .effectless("task.max", because: "the property is tasks.max; Connect ignores this one"),
            .effectless(
                "poll.interval.ms",
                "topic.prefix",
                "table.whitelist",
                "table.blacklist",
                "table.include.list",
                "table.exclude.list",
                because: "it is a source's; Connect ignores it in a sink"
            ),
            .effectless(
                "connector.plugin.version",
                "key.converter.plugin.version",
                "value.converter.plugin.version",
                because: "there is one version of each here"
            ),
            .effectless(
                "internal.key.converter",
                "internal.value.converter",
                "internal.key.converter.*",
                "internal.value.converter.*",
                because: "Connect has not read it since Kafka 3.0 (KIP-738)"
            ),
            .effectless("openlineage.integration.*", because: "no lineage is reported"),
            keyConverter.entry, valueConverter.entry, keySchemas.entry, valueSchemas.entry,
            .refused(
                "key.converter.encoding",
                unless: ["UTF8", "UTF-8"],
                because: "texts are read as UTF-8"
            ),
            .effectless(
                "key.converter.schemas.cache.size",
                "value.converter.schemas.cache.size",
                because: "schemas are not cached here"
            ),
            .effectless(
                "key.converter.decimal.format",
                "value.converter.decimal.format",
                because: "it concerns writing; dead letters keep their bytes"
            ),
            .refused(
                "key.converter.replace.null.with.default",
                "value.converter.replace.null.with.default",
                unless: ["false"],
                because: "null stays null"
            ),
            .refused(
                "key.converter.*",
                "value.converter.*",
                unless: [],
                because:
                    "it belongs to a converter that is not named: give key.converter or value.converter, as the "
                    + "worker has it"
            ),
            .effectless(
                "header.converter",
                "header.converter.*",
                because: "headers are read as they stand, as JSON or text"
            ),
            transforms.entry, transformOptions.entry, predicates.entry, predicateOptions.entry,
            .effectless(
                "config.action.reload",
                because: "secrets are read at start; Connect's env and file providers are no different"
            ),
            .refused(
                "config.providers",
                unless: ["env", "file", "env,file", "file,env"],
                because: "env and file are always there, others are not supported"
            ),
            .refused(
                "config.providers.env.class",
                unless: ["org.apache.kafka.common.config.provider.EnvVarConfigProvider"],
                because: "classes cannot be loaded here"
            ),
            .refused(
                "config.providers.file.class",
                unless: ["org.apache.kafka.common.config.provider.FileConfigProvider"],
                because: "classes cannot be loaded here"
            ),
            .refused(
                "config.providers.*",
                unless: [],
                because: "the providers env and file have no parameters here"
            ),
            consumerOverrides.entry, producerOverrides.entry,
            .effectless("admin.override.*", because: "the dead-letter topic is made by its producer"),
            .effectless("confluent.*", because: "there is no license here"),
            .effectless("trim.sensitive.log", because: "values are never logged"),
        ]
    )
}

/// A converter as a file names it.
enum NamedConverter: Sendable {
    case plain(KeyConverter)
    case registry(RegistryConverterClass)
}

extension Property<NamedConverter> {
    /// - Parameter plain: those without a registry that can be read there.
    fileprivate static func converter(_ name: String, _ plain: [KeyConverter], means: String) -> Property {
        let names = plain.map(\.rawValue) + RegistryConverterClass.allCases.map(\.rawValue)
        return Property(
            [name],
            .words(names),
            default: .plain(.json),
            shown: KeyConverter.json.rawValue,
            means: means
        ) { value throws(PropertyRefusal) in
            let value = value.trimmed
            if let converter = plain.first(where: { $0.rawValue == value }) { return .plain(converter) }
            if let registry = RegistryConverterClass(rawValue: value) { return .registry(registry) }
            throw PropertyRefusal(
                value.ends(with: ".ProtobufConverter")
                    ? "is not supported: this version reads no Protobuf; Avro and JSON Schema it does"
                    : "must be one of \(names.joined(separator: ", "))"
            )
        }
    }
}
