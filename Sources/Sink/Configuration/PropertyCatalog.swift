extension PropertyCatalog {
    static let connection = [
        KnownProperty("connection.url", support: .supported),
        KnownProperty("connection.username", "connection.user", support: .supported),
        KnownProperty("connection.password", support: .supported),
        KnownProperty(
            "connection.provider",
            support: .effectless("each lane has one connection, without a pool")
        ),
        KnownProperty(
            "connection.pool.*",
            support: .effectless("each lane has one connection, without a pool")
        ),
        KnownProperty("hibernate.*", support: .effectless("there is no Hibernate here")),
        KnownProperty(
            "dialect.name",
            support: .refused(unless: ["PostgreSqlDatabaseDialect"], "the destination is PostgreSQL")
        ),
        KnownProperty(
            "jdbc.credentials.provider.class",
            support: .refused(unless: [], "write ${env:NAME} or ${file:PATH:KEY} as the password")
        ),
        KnownProperty(
            "use.time.zone",
            "database.time_zone",
            "db.timezone",
            support: .supported
        ),
        KnownProperty(
            "date.timezone",
            support: .refused(unless: ["DB_TIMEZONE", "UTC"], "values go into the column as they are")
        ),
    ]

    static let writing = [
        KnownProperty("insert.mode", support: .supported),
        KnownProperty("primary.key.mode", "pk.mode", support: .supported),
        KnownProperty("primary.key.fields", "pk.fields", support: .supported),
        KnownProperty("delete.enabled", support: .supported),
        KnownProperty("truncate.enabled", support: .supported),
        KnownProperty("unavailable.value.placeholder", support: .supported),
        KnownProperty("time.precision.mode", support: .supported),
        KnownProperty("record.form", support: .supported),
        KnownProperty("batch.size", support: .supported),
        KnownProperty("batch.max.bytes", support: .supported),
        KnownProperty("use.reduction.buffer", support: .effectless("batches are always folded by key")),
        KnownProperty(
            "keyed.message.batch.mode",
            support: .refused(unless: ["deduplication"], "batches are always folded by key")
        ),
        KnownProperty(
            "dialect.postgres.unnest.insert.enabled",
            support: .effectless("rows are always sent as arrays")
        ),
        KnownProperty(
            "dialect.postgres.postgis.schema",
            support: .refused(
                unless: ["public"],
                "a column says where its type is, and new ones are looked up in search_path"
            )
        ),
        KnownProperty("dialect.sqlserver.identity.insert", support: .effectless("it concerns SQL Server")),
        KnownProperty("dialect.starrocks.catalog.name", support: .effectless("it concerns StarRocks")),
        KnownProperty("mssql.use.merge.holdlock", support: .effectless("it concerns SQL Server")),
        KnownProperty("internal.enable.sces", support: .effectless("this sink has one engine")),
        KnownProperty(
            "replace.null.with.default",
            support: .refused(unless: ["false"], "null stays null")
        ),
        KnownProperty(
            "timestamp.fields.list",
            support: .refused(unless: [""], "integers are not made timestamps by this version")
        ),
        KnownProperty(
            "timestamp.precision.mode",
            support: .refused(unless: ["microseconds"], "PostgreSQL keeps microseconds")
        ),
        KnownProperty(
            "date.calendar.system",
            support: .refused(unless: ["PROLEPTIC_GREGORIAN"], "PostgreSQL's calendar is the only one")
        ),
        KnownProperty(
            "string.output.value.column.name",
            support: .refused(unless: [], "values that are no objects are not supported by this version")
        ),
        KnownProperty(
            "cloud.events.schema.name.pattern",
            support: .refused(unless: [], "CloudEvents are not supported by this version")
        ),
    ]

    static let naming = [
        KnownProperty("collection.name.format", "table.name.format", support: .supported),
        KnownProperty(
            "collection.naming.strategy",
            "table.naming.strategy",
            support: .refused(
                unless: ["io.debezium.sink.naming.DefaultCollectionNamingStrategy"],
                "classes cannot be loaded here; collection.name.format makes the name"
            )
        ),
        KnownProperty(
            "column.naming.strategy",
            support: .refused(
                unless: ["io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy"],
                "classes cannot be loaded here; a column is named as its field"
            )
        ),
        KnownProperty(
            "collection.table.format",
            support: .refused(unless: ["${table}"], "collection.name.format makes the whole name")
        ),
        KnownProperty("collection.schema.include.list", support: .supported),
        KnownProperty("collections.max", support: .supported),
        KnownProperty("control.schema", support: .supported),
        KnownProperty("quote.identifiers", support: .supported),
        KnownProperty("quote.sql.identifiers", support: .supported),
        KnownProperty("sql.quote.identifiers", support: .supported),
        KnownProperty(
            "table.name.normalize",
            support: .refused(unless: ["false"], "collection.name.format makes the name")
        ),
        KnownProperty(
            "topics.to.tables.mapping",
            support: .refused(unless: [""], "collection.name.format makes the name")
        ),
        KnownProperty(
            "table.types",
            support: .effectless("a table, partitioned table or view is used when it takes the statements")
        ),
        KnownProperty("schema.evolution", support: .supported),
        KnownProperty("auto.create", support: .supported),
        KnownProperty("auto.evolve", support: .supported),
        KnownProperty("field.include.list", "fields.whitelist", support: .supported),
        KnownProperty("field.exclude.list", support: .supported),
        KnownProperty(
            "collection.naming.*",
            support: .refused(unless: [], "collection.name.format makes the name")
        ),
        KnownProperty("column.naming.*", support: .refused(unless: [], "a column is named as its field")),
    ]

    private static let endless = "lost connections and deadlocks are retried without end, with growing pauses"

    static let retrying = [
        KnownProperty("flush.max.retries", "max.retries", support: .supported),
        KnownProperty("flush.retry.delay.ms", "retry.backoff.ms", support: .supported),
        KnownProperty("connection.attempts", support: .effectless(endless)),
        KnownProperty("connection.backoff.ms", support: .effectless(endless)),
        KnownProperty("connection.restart.on.errors", support: .effectless(endless)),
        KnownProperty("errors.tolerance", support: .supported),
        KnownProperty(
            "errors.retry.timeout",
            "errors.retry.delay.max.ms",
            support: .effectless("decoding here has no errors that pass by themselves")
        ),
        KnownProperty(
            "errors.log.enable",
            "errors.log.include.messages",
            support: .effectless(
                "errors are always logged with topic, partition and offset, never with values"
            )
        ),
        KnownProperty("errors.deadletterqueue.topic.name", support: .supported),
        KnownProperty("errors.deadletterqueue.topic.replication.factor", support: .supported),
        KnownProperty("errors.deadletterqueue.context.headers.enable", support: .supported),
    ]
}
