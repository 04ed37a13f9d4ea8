import Postgres

/// Which tables may be the target of records: never the server's own, never those of the programs.
///
/// Records come from elsewhere. One that moved the sink's progress could skip or repeat what others sent.
struct TargetPolicy: Sendable, Equatable {
    /// The schema of the sink's own tables.
    var controlSchema = ControlTable.defaultSchema
    /// The schemas that records may choose; empty for all that may be targets.
    var schemas: [String] = []
    /// How many tables records may choose.
    var tableLimit = Self.defaultTableLimit

    static let defaultTableLimit = 1_000

    private static let controlTables = [
        ControlTable.progressName, ControlTable.deadLettersName, ControlTable.guardName,
    ]

    /// Why a table must not be written, by its name alone; `nil` where nothing speaks against it.
    ///
    /// - Parameter isChosenByRecord: whether the record chose it, not the configuration.
    func refusal(of name: TargetName, isChosenByRecord: Bool) -> String? {
        if let schema = name.schema {
            if let reason = refusal(schema: schema, table: name.table) { return reason }
            guard schemas.isEmpty || !isChosenByRecord || schemas.contains(schema) else {
                return "the record chooses schema \(schema), and collection.schema.include.list has "
                    + schemas.joined(separator: ", ")
            }
        } else if let reason = refusal(table: name.table) {
            return reason
        }
        return nil
    }

    /// Why a table that the catalog has must not be written.
    ///
    /// - Parameter reaches: names of the tables of the programs that a write to it would reach, such as through a view.
    func refusal(schema: String, table: String, reaches: [String] = []) -> String? {
        let schema = Self.cut(schema)
        guard !schema.utf8.starts(with: "pg_".utf8), schema != "information_schema" else {
            return "schema \(schema) is the server's own; records are never written there"
        }
        // In `public` there may be tables of everybody beside the sink's.
        guard schema != controlSchema || schema == "public" else {
            return "schema \(schema) has the sink's own tables; records are never written there"
        }
        if let reason = refusal(table: table) { return reason }
        return reaches.first.map {
            "what is written to it would go to \($0); records are never written there"
        }
    }

    private func refusal(table: String) -> String? {
        let table = Self.cut(table)
        guard Self.controlTables.contains(table) else { return nil }
        return "\(table) is the name of a table of the programs' own; records are never written there"
    }

    /// Why one more table must not be taken.
    ///
    /// - Parameter count: the tables that are written already.
    func refusal(ofTableBeside count: Int) -> String? {
        guard count >= tableLimit else { return nil }
        return
            "records have chosen \(count) tables, and collections.max allows no more; if that is right, raise it"
    }

    /// Why the sink's own tables can't be in a schema of this name.
    static func fault(ofSchema name: String) -> String? {
        guard !name.isEmpty, name.utf8.count <= 63, !name.utf8.contains(0) else {
            return "is no name of a schema: 1 to 63 bytes"
        }
        guard !name.utf8.starts(with: "pg_".utf8), name != "information_schema" else {
            return "is the server's own schema; choose another"
        }
        return nil
    }

    /// The server cuts names at 63 bytes: what is longer may be another name in the end.
    private static func cut(_ name: String) -> String {
        name.utf8.count <= 63 ? name : String(decoding: name.utf8.prefix(63), as: UTF8.self)
    }
}

extension PropertyReader {
    /// Takes the properties that say where the sink's own tables are and which tables records may choose.
    mutating func targetPolicy(_ format: TableNameFormat?) -> TargetPolicy {
        var policy = TargetPolicy()
        policy.controlSchema = read(PropertyCatalog.controlSchema).trimmed
        if let list = read(PropertyCatalog.schemas) {
            policy.schemas = FieldFilter.split(list)
            if format?.dependsOnTopicOnly == true {
                note(
                    PropertyCatalog.schemas,
                    "collection.name.format lets no record choose a schema"
                )
            }
        }
        policy.tableLimit = read(PropertyCatalog.tableLimit)
        // Where the configuration itself names such a table, no record has to come to say so.
        if let format {
            let sample = TargetName(format.name(topic: "t", source: format.sourceFields.map { _ in "s" }))
            if let reason = policy.refusal(of: sample, isChosenByRecord: false) {
                add(PropertyCatalog.tableName, "", reason)
            }
        }
        return policy
    }
}

extension SinkConfiguration {
    /// The sink's progress in the destination.
    var progressTable: ProgressTable { ProgressTable(sink: name, schema: targets.controlSchema) }

    /// Where dead letters wait; `nil` when there is no dead-letter topic.
    var deadLetterTable: DeadLetterTable? {
        errors.deadLetterTopic == nil ? nil : DeadLetterTable(sink: name, schema: targets.controlSchema)
    }
}
