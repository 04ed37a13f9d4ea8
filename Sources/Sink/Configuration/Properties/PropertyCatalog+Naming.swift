import Postgres

extension PropertyCatalog {
    static let tableName = Property.text(
        "collection.name.format",
        "table.name.format",
        values: "table or schema.table",
        default: "${topic}",
        means: "the table, with `${topic}` and `${source.FIELD}`: [below](#names-of-tables)",
        peers: "Confluent and Aiven know `${topic}` only"
    )
    static let normalization = Property.flag(
        "table.name.normalize",
        default: false,
        means: "Aiven's: `${topic}` with underscores for all but letters, digits and underscores of ASCII"
    )
    static let schemas = Property.text(
        "collection.schema.include.list",
        values: "schemas, …",
        means:
            "the schemas that records may choose by `collection.name.format`; without it all but the server's own "
            + "and `control.schema`, as far as the user's rights go",
        peers: "any"
    )
    static let tableLimit = Property.number(
        "collections.max",
        in: 1...100_000,
        default: TargetPolicy.defaultTableLimit,
        means:
            "tables that records may choose, by `collection.name.format` or as topics that match `topics.regex`",
        peers: "no limit"
    )
    static let controlSchema = Property.text(
        "control.schema",
        values: "a schema",
        default: ControlTable.defaultSchema,
        means: "where the sink keeps its own tables, `sink_progress` and `sink_dead_letters`: "
            + "[roles](roles.md#the-tables-of-the-programs)",
        peers: "they have none",
        fault: { TargetPolicy.fault(ofSchema: $0.trimmed) }
    )
    static let quoting = Property.flag(
        "quote.identifiers",
        shown: "false",
        means:
            "true: tables and columns are named as topics, fields and `primary.key.fields` are written; false: in lower "
            + "case. With `connector.class` of Confluent or Aiven the default is true"
    )
    static let confluentQuoting = Property.flag(
        "quote.sql.identifiers",
        yes: "always",
        no: "never",
        means: "Confluent's name for `quote.identifiers`"
    )
    static let aivenQuoting = Property.flag(
        "sql.quote.identifiers",
        means: "Aiven's name for `quote.identifiers`"
    )
    static let evolution = Property.choice(
        "schema.evolution",
        of: SchemaEvolution.Mode.self,
        shown: SchemaEvolution.Mode.none.rawValue,
        means: "what the sink may do to tables: [evolution](evolution.md)",
        peers: "Debezium flushes at each change between two schemas"
    )
    static let creation = Property.flag(
        "auto.create",
        shown: "false",
        means: "Confluent's name for creating tables: [evolution](evolution.md)"
    )
    static let addition = Property.flag(
        "auto.evolve",
        shown: "false",
        means: "Confluent's name for adding columns: [evolution](evolution.md)"
    )
    static let includedFields = Property.text(
        "field.include.list",
        "fields.whitelist",
        values: "`field`, `topic:field`, `/expression/`, …",
        means: "the fields of the value that are written, created and added; columns of the key always are",
        peers: "Debezium's documentation says expressions, its code compares names"
    )
    static let excludedFields = Property.text(
        "field.exclude.list",
        values: "`field`, `topic:field`, `/expression/`, …",
        means: "the fields of the value that are not"
    )

    static let naming = Group(
        "Names and tables",
        [
            tableName.entry,
            .refused(
                "collection.naming.strategy",
                "table.naming.strategy",
                unless: ["io.debezium.sink.naming.DefaultCollectionNamingStrategy"],
                because: "classes cannot be loaded here; collection.name.format makes the name"
            ),
            .refused(
                "column.naming.strategy",
                unless: ["io.debezium.connector.jdbc.naming.DefaultColumnNamingStrategy"],
                because: "classes cannot be loaded here; a column is named as its field"
            ),
            .refused(
                "collection.table.format",
                unless: ["${table}"],
                because: "collection.name.format makes the whole name"
            ),
            normalization.entry, schemas.entry, tableLimit.entry, controlSchema.entry, quoting.entry,
            confluentQuoting.entry,
            aivenQuoting.entry,
            .refused("topics.to.tables.mapping", unless: [""], because: formatMakesName),
            .effectless(
                "table.types",
                because: "a table, partitioned table or view is used when it takes the statements"
            ),
            evolution.entry, creation.entry, addition.entry, includedFields.entry, excludedFields.entry,
            .refused("collection.naming.*", unless: [], because: formatMakesName),
            .refused("column.naming.*", unless: [], because: "a column is named as its field"),
        ]
    )

    private static let formatMakesName = "collection.name.format makes the name"
}
