extension PropertyCatalog {
    static let insertMode = Property.choice(
        "insert.mode",
        default: InsertMode.insert,
        others: InsertMode.otherNames,
        means: "how rows are written: [modes](modes.md)",
        peers: "Debezium takes a misspelled mode as insert; Aiven's multi is insert here"
    )
    static let keyMode = Property.choice(
        "primary.key.mode",
        "pk.mode",
        default: KeyMode.none,
        means: "where the key comes from: [modes](modes.md)"
    )
    static let keyFields = Property.list(
        "primary.key.fields",
        "pk.fields",
        values: "columns",
        means:
            "the key's columns; without it the table's primary key. Upserts need a unique constraint of exactly these, "
            + "looked up when the topic is first read",
        peers:
            "all fields of key, value or headers; a constraint that is missing is found at the first record"
    )
    static let deletes = Property.flag(
        "delete.enabled",
        default: false,
        means: "whether deletes and tombstones remove rows; needs a key mode that says which",
        peers: "Debezium starts without one, and a delete has no `where`"
    )
    static let deleteMode = Property.choice(
        "delete.mode",
        default: DeleteMode.hard,
        means: "`hard`: a delete removes its row; `soft`: it marks the row in `delete.soft.column`: "
            + "[modes](modes.md#rows-that-are-marked-instead-deletemode)",
        peers: "they have none"
    )
    static let softDeleteColumn = Property.text(
        "delete.soft.column",
        values: "a column",
        means:
            "a boolean, or a timestamp for when: what marks deleted rows, and what a create or update clears",
        peers: "they have none"
    )
    static let tombstones = Property.flag(
        "handle.tombstone",
        default: false,
        means:
            "Aiven's; true passes tombstones over, as they are without `delete.enabled`; with it, it is refused"
    )
    static let rounding = Property.choice(
        "value.rounding",
        default: ValueRounding.refuse,
        means: "whether a value with more digits than its column is refused, or rounded as PostgreSQL does: "
            + "[types](types.md#values-that-a-column-does-not-hold-exactly)",
        peers: "the driver or the server rounds, without a word"
    )
    static let truncates = Property.flag(
        "truncate.enabled",
        default: false,
        means: "whether truncates empty the table",
        peers: "Debezium does it outside the batch's transaction"
    )
    static let placeholder = Property.text(
        "unavailable.value.placeholder",
        values: "text",
        default: UnavailableValue.defaultText,
        means: "what stands for an unchanged large value: the row keeps the one that it has",
        peers: "written into the column as if it were data",
        fault: { $0.isEmpty ? "must not be empty" : nil }
    )
    static let timePrecision = Property.choice(
        "time.precision.mode",
        of: TimePrecision.self,
        means:
            "what a number in a date, time or timestamp counts where records have no schema: as the source connector's "
            + "property of this name. Without it such a number is refused: [types](types.md#without-schemas)",
        peers: "records need schemas"
    )
    static let recordForm = Property.choice(
        "record.form",
        default: RecordForm.auto,
        means:
            "whether values are change events or rows; `auto` looks at each: [modes](modes.md#envelope-or-row)",
        peers: "Debezium looks at the name of the schema; Confluent and Aiven read rows only"
    )
    static let batchSize = Property.number(
        "batch.size",
        in: 1...100_000,
        default: 5_000,
        means: "records in a transaction, at most; fewer when no more are there",
        peers: "500 and 3000, and never more than one poll"
    )
    static let batchBytes = Property.number(
        "batch.max.bytes",
        in: 1 << 20...1 << 29,
        default: 64 << 20,
        means:
            "memory that the changes of a transaction take, all tables together; a record that is larger goes alone. A "
            + "lane needs about four times as much: [large records](sink.md#large-records)",
        peers: "no limit"
    )

    static let writing = Group(
        "Writing",
        [
            insertMode.entry, keyMode.entry, keyFields.entry, deletes.entry, deleteMode.entry,
            softDeleteColumn.entry, tombstones.entry, truncates.entry,
            placeholder.entry, timePrecision.entry, rounding.entry, recordForm.entry, batchSize.entry,
            batchBytes.entry,
            .effectless("use.reduction.buffer", because: "batches are always folded by key"),
            .refused(
                "keyed.message.batch.mode",
                unless: ["deduplication"],
                because: "batches are always folded by key"
            ),
            .effectless(
                "dialect.postgres.unnest.insert.enabled",
                because: "rows are always sent as arrays"
            ),
            .refused(
                "dialect.postgres.postgis.schema",
                unless: ["public"],
                because: "a column says where its type is, and new ones are looked up in search_path"
            ),
            .effectless("dialect.sqlserver.identity.insert", because: "it concerns SQL Server"),
            .effectless("dialect.starrocks.catalog.name", because: "it concerns StarRocks"),
            .effectless("mssql.use.merge.holdlock", because: "it concerns SQL Server"),
            .effectless("internal.enable.sces", because: "this sink has one engine"),
            .refused("replace.null.with.default", unless: ["false"], because: "null stays null"),
            .refused(
                "timestamp.fields.list",
                unless: [""],
                because: "integers are not made timestamps by this version"
            ),
            .refused(
                "timestamp.precision.mode",
                unless: ["microseconds"],
                because: "PostgreSQL keeps microseconds"
            ),
            .refused(
                "date.calendar.system",
                unless: ["PROLEPTIC_GREGORIAN"],
                because: "PostgreSQL's calendar is the only one"
            ),
            .refused(
                "string.output.value.column.name",
                unless: [],
                because: "values that are no objects are not supported by this version"
            ),
            .refused(
                "cloud.events.schema.name.pattern",
                unless: [],
                because: "CloudEvents are not supported by this version"
            ),
        ]
    )
}
