import Shared

/// The SQL that the sink would run, as text.
enum Explanation {
    /// What the sink runs for one topic's table.
    static func text(topic: String, schema: TableSchema, deletesRows: Bool) -> String {
        let key = schema.keyColumns.map(\.name).joined(separator: ", ")
        var lines = ["-- topic \(topic) into \(schema.qualifiedName), key (\(key))"]
        if deletesRows {
            lines += [
                "-- delete: \(parameters(Array(schema.keyColumns)))",
                TableStatements.delete(schema) + ";",
            ]
        } else {
            lines.append("-- deletes and tombstones change nothing: delete.enabled is false")
        }
        lines += [
            "-- upsert: \(parameters(schema.columns)); a record without a field leaves its column out",
            TableStatements.upsert(schema, columns: Array(schema.columns.indices)) + ";",
        ]
        return lines.joined(separator: "\n")
    }

    /// The frame of each transaction.
    static let progress = """
        -- each batch is one transaction that begins with its progress; it fails with division by zero when
        -- another instance moved it: $1 sink, $2 topics, $3 partitions, $4 expected offsets, $5 next offsets, $6 events
        \(ProgressTable.advanceStatement);
        """

    private static func parameters(_ columns: [Column]) -> String {
        let names = columns.enumerated().map { "$\($0 + 1) \($1.name)" }.joined(separator: ", ")
        return "an array of each column, an element a row: \(names)"
    }
}
