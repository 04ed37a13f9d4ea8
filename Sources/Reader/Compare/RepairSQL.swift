import Postgres

/// One side's row as SQL literals, in the order of the compared columns.
struct RowLiterals: Sendable, Equatable {
    var values: [String]
}

/// Statements that put the destination right, each conditional on the row that was seen there.
struct RepairSQL: Sendable {
    let table: String
    let pairing: ColumnPairing

    /// What a script of such statements begins with: literals are compared as they were read.
    static var preamble: String {
        let settings = [
            "client_encoding", "TimeZone", "DateStyle", "IntervalStyle", "bytea_output", "extra_float_digits",
        ]
        return """
            set standard_conforming_strings = on;

            """
                + SessionSettings.comparison.values.filter { settings.contains($0.name) }
                .map { "set \($0.name) = '\($0.value)';" }.joined(separator: "\n")
    }

    /// The statement for one difference; a comment where there is none that would be safe.
    func statement(
        _ difference: Difference,
        source: RowLiterals?,
        destination: RowLiterals?
    ) -> String {
        // The key's text is data and may hold a line break: it stays out of the comment.
        let versions = [
            difference.suspect.destination?.version.map { "destination \($0)" },
            difference.suspect.source?.version.map { "source \($0)" },
        ].compactMap { $0 }.joined(separator: ", ")
        let reason = "-- \(difference.kind.rawValue)" + (versions.isEmpty ? "" : ": \(versions)")
        guard difference.suspect.source?.rowCount ?? 1 == 1,
            difference.suspect.destination?.rowCount ?? 1 == 1
        else {
            return "\(reason); several rows have this key: not repaired"
        }
        switch (source, destination) {
        case (nil, nil): return "\(reason); gone by now"
        case (let source?, nil): return "\(reason)\n\(insert(source))"
        case (nil, let destination?):
            return "\(reason)\ndelete from \(table) where \(condition(destination));"
        case (let source?, let destination?):
            let set = zip(pairing.columns, source.values)
                .filter { column, _ in !column.destination.isComputed && !pairing.key.contains(column) }
                .map { column, value in "\(printedIdentifier(column.name)) = \(cast(value, column))" }
            guard !set.isEmpty else { return "\(reason); no column can be set: not repaired" }
            return
                "\(reason)\nupdate \(table) set \(set.joined(separator: ", ")) where \(condition(destination));"
        }
    }

    func insert(_ row: RowLiterals) -> String {
        let values = zip(pairing.columns, row.values).filter { column, _ in !column.destination.isGenerated }
        let names = values.map { printedIdentifier($0.0.name) }.joined(separator: ", ")
        let literals = values.map { cast($0.1, $0.0) }.joined(separator: ", ")
        return "insert into \(table) (\(names)) overriding system value values (\(literals)) "
            + "on conflict do nothing;"
    }

    private func cast(_ literal: String, _ column: ColumnPair) -> String {
        "\(literal)::\(column.destination.declaration)"
    }

    /// The key, which finds the row, and all that was seen in it.
    private func condition(_ row: RowLiterals) -> String {
        let pairs = Array(zip(pairing.columns, row.values))
        let key = pairs.filter { pairing.key.contains($0.0) }
            .map { column, value in "\(printedIdentifier(column.name)) = \(cast(value, column))" }
        let seen = pairs.filter { !pairing.key.contains($0.0) }
            .map { column, value in "\(printedIdentifier(column.name))::text is not distinct from \(value)" }
        return (key + seen).joined(separator: " and ")
    }
}
