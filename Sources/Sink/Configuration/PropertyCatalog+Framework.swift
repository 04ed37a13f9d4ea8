extension PropertyCatalog {
    /// What Kafka Connect itself takes in a sink connector's file.
    static let framework = [
        KnownProperty("name", support: .supported),
        KnownProperty("connector.class", support: .supported),
        KnownProperty("bootstrap.servers", support: .supported),
        KnownProperty("topics", support: .supported),
        KnownProperty(
            "topics.regex",
            support: .supported
        ),
        KnownProperty("tasks.max", support: .supported),
        KnownProperty("tasks.max.enforce", support: .effectless("tasks.max is always kept")),
        KnownProperty(
            "task.max",
            support: .effectless("the property is tasks.max; Connect ignores this one")
        ),
        KnownProperty(
            "poll.interval.ms",
            support: .effectless("it is a source's; Connect ignores it in a sink")
        ),
        KnownProperty(
            "connector.plugin.version",
            "key.converter.plugin.version",
            "value.converter.plugin.version",
            support: .effectless("there is one version of each here")
        ),
        KnownProperty(
            "internal.key.converter",
            "internal.value.converter",
            "internal.key.converter.*",
            "internal.value.converter.*",
            support: .effectless("Connect has not read it since Kafka 3.0 (KIP-738)")
        ),
        KnownProperty("openlineage.integration.*", support: .effectless("no lineage is reported")),
        KnownProperty("key.converter", support: .supported),
        KnownProperty("value.converter", support: .supported),
        KnownProperty("key.converter.schemas.enable", support: .supported),
        KnownProperty("value.converter.schemas.enable", support: .supported),
        KnownProperty(
            "key.converter.encoding",
            support: .refused(unless: ["UTF8", "UTF-8"], "texts are read as UTF-8")
        ),
        KnownProperty(
            "key.converter.schemas.cache.size",
            "value.converter.schemas.cache.size",
            support: .effectless("schemas are not cached here")
        ),
        KnownProperty(
            "key.converter.decimal.format",
            "value.converter.decimal.format",
            support: .effectless("it concerns writing; dead letters keep their bytes")
        ),
        KnownProperty(
            "key.converter.replace.null.with.default",
            "value.converter.replace.null.with.default",
            support: .refused(unless: ["false"], "null stays null")
        ),
        KnownProperty(
            "key.converter.*",
            "value.converter.*",
            support: .refused(
                unless: [],
                "it belongs to a converter that is not named: give key.converter or value.converter, as the worker has it"
            )
        ),
        KnownProperty(
            "header.converter",
            "header.converter.*",
            support: .effectless("headers are read as they stand, as JSON or text")
        ),
        KnownProperty("transforms", support: .supported),
        KnownProperty("transforms.*", support: .supported),
        KnownProperty("predicates", support: .supported),
        KnownProperty("predicates.*", support: .supported),
        KnownProperty(
            "config.action.reload",
            support: .effectless(
                "secrets are read at start; Connect's env and file providers are no different"
            )
        ),
        KnownProperty(
            "config.providers",
            support: .refused(
                unless: ["env", "file", "env,file", "file,env"],
                "env and file are always there, others are not supported"
            )
        ),
        KnownProperty(
            "config.providers.env.class",
            support: .refused(
                unless: ["org.apache.kafka.common.config.provider.EnvVarConfigProvider"],
                "classes cannot be loaded here"
            )
        ),
        KnownProperty(
            "config.providers.file.class",
            support: .refused(
                unless: ["org.apache.kafka.common.config.provider.FileConfigProvider"],
                "classes cannot be loaded here"
            )
        ),
        KnownProperty(
            "config.providers.*",
            support: .refused(unless: [], "the providers env and file have no parameters here")
        ),
        KnownProperty("consumer.override.*", support: .supported),
        KnownProperty("producer.override.*", support: .supported),
        KnownProperty(
            "admin.override.*",
            support: .effectless("the dead-letter topic is made by its producer")
        ),
        KnownProperty("confluent.*", support: .effectless("there is no license here")),
        KnownProperty("trim.sensitive.log", support: .effectless("values are never logged")),
    ]
}
