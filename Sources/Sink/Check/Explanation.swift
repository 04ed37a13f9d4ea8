import Postgres

/// The SQL that the sink would run, as text.
enum Explanation {
    /// What the sink runs for one topic's table.
    static func text(topic: String, schema: TableSchema, modes: WriteModes) -> String {
        let key = schema.keyColumns.map(\.name).joined(separator: ", ")
        var lines = ["-- topic \(topic) into \(schema.qualifiedName), key (\(key))"]
        if schema.hasUncertainKey {
            lines += [
                "-- division by zero where two keys are one: then the batch is divided",
                TableStatements.tellKeysApart(schema) + ";",
            ]
        }
        if modes.truncatesTables { lines += ["-- truncate:", TableStatements.truncate([schema]) + ";"] }
        if modes.deletesRows {
            lines += [
                "-- delete: \(parameters(Array(schema.keyColumns)))",
                TableStatements.delete(schema) + ";",
            ]
        } else {
            lines.append("-- deletes and tombstones change nothing: delete.enabled is false")
        }
        let columns = Array(schema.columns.indices)
        let write: String?
        switch modes.insertMode {
        case .ignore: write = TableStatements.insertIgnoring(schema, columns: columns)
        case .insert: write = TableStatements.insert(schema, columns: columns)
        case .upsert: write = TableStatements.upsert(schema, columns: columns)
        case .update: write = TableStatements.update(schema, columns: columns)
        }
        lines += [
            "-- \(modes.insertMode.rawValue): \(parameters(schema.columns)); a record without a field leaves its column out",
            write.map { $0 + ";" } ?? "-- nothing: the table has no columns but its key",
        ]
        return lines.map(\.visible).joined(separator: "\n")
    }

    /// What the sink runs for a topic whose table is not there yet.
    ///
    /// - Throws: `UnquotableText` where the name can't be a table's.
    static func creation(topic: String, table: String, modes: WriteModes) throws(UnquotableText) -> String {
        let path = try quotedPath(table).visible
        let key: String
        switch modes.keyMode {
        case .none: key = "without a key"
        case _ where modes.keyFields.isEmpty: key = "primary key: the fields of the record's key"
        default: key = "primary key (\(modes.keyFields.joined(separator: ", ").visible))"
        }
        return """
            -- topic \(topic) into \(path), which is not there
            -- the first record with a schema creates it, with a column for each field, \(key):
            create table if not exists \(path) (…);
            """
    }

    /// The frame of each transaction.
    static func progress(_ table: ProgressTable) -> String {
        """
        -- each batch is one transaction, which sets what values depend on for itself alone:
        \(TransactionSettings.begin);
        \(TransactionSettings.statement);
        -- then comes its progress; it fails with division by zero when another instance moved it:
        -- $1 sink, $2 topics, $3 partitions, $4 expected offsets, $5 next offsets, $6 events
        \(table.advanceStatement);
        """
    }

    private static func parameters(_ columns: [Column]) -> String {
        let names = columns.enumerated().map { "$\($0 + 1) \($1.name)" }.joined(separator: ", ")
        return "an array of each column, an element a row: \(names)"
    }
}
