import Model
import Postgres

/// The table that is written, as the source has it.
struct SourceTable: Sendable {
    /// A column as the server describes it.
    struct Column: Sendable, Equatable {
        var name: String
        var type: String
        var isNotNull = true
        var hasDefault = false
        var isPrimaryKey = false
    }

    /// In the table's order; empty when there is no such table.
    var columns: [Column]

    /// Asks the server for the table's columns.
    static func read(
        _ name: String,
        from connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> SourceTable {
        let answer = try connection.execute(
            """
            select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   a.atthasdef or a.attidentity <> '', i.indkey::text = a.attnum::text
            from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
            where a.attrelid = to_regclass('\(name)') and a.attnum > 0 and not a.attisdropped
            order by a.attnum
            """,
            deadline: deadline
        )
        var columns: [Column] = []
        for row in 0..<answer.rowCount {
            columns.append(
                Column(
                    name: answer.text(row, 0) ?? "",
                    type: answer.text(row, 1) ?? "",
                    isNotNull: answer.text(row, 2) == "t",
                    hasDefault: answer.text(row, 3) == "t",
                    isPrimaryKey: answer.text(row, 4) == "t"
                )
            )
        }
        return SourceTable(columns: columns)
    }

    /// What keeps the writer from writing it: the table, the column, what is expected and what was found.
    ///
    /// - Parameter hint: the command that makes the table.
    func defect(in table: WorkloadTable, hint: String = "writer init") -> String? {
        guard !columns.isEmpty else { return "there is no table \(table.qualifiedName); `\(hint)` makes it" }
        let expected =
            [
                Column(name: "id", type: table.keyType, isPrimaryKey: true),
                Column(name: "current_value", type: "bigint"),
            ] + table.furtherColumns
        for column in expected {
            if let defect = defect(of: column, in: table) { return defect }
        }
        let names = expected.map(\.name)
        return columns.first { !names.contains($0.name) && $0.isNotNull && !$0.hasDefault }
            .map {
                "table \(table.qualifiedName): column \($0.name) must have a value; expected only "
                    + names.dropLast().joined(separator: ", ") + " and \(names.last ?? "")"
            }
    }

    private func defect(of expected: Column, in table: WorkloadTable) -> String? {
        let place =
            "table \(table.qualifiedName), column \(expected.name): expected \(expected.type) not null"
            + (expected.isPrimaryKey ? " primary key" : "")
        guard let column = columns.first(where: { $0.name == expected.name }) else {
            return "\(place), found no such column"
        }
        guard column.type == expected.type else { return "\(place), found \(column.type)" }
        guard column.isNotNull else { return "\(place), found \(column.type) that may be null" }
        guard !expected.isPrimaryKey || column.isPrimaryKey else {
            return "\(place), found \(column.type) that is not the key"
        }
        return nil
    }

    /// What the table holds at the begin of a run.
    struct Contents: Sendable {
        /// Rows for the workers, in the order of their keys; at most as many as asked for.
        var rows: [Row]
        /// The largest value of the whole table.
        var largest: Int64?

        /// The first of the rows 0..<count that is not there.
        func firstMissing(of count: Int) -> Int? {
            let place = rows.indices.first { rows[$0].id != Int64($0) }
            return place ?? (rows.count < count ? rows.count : nil)
        }
    }

    /// Reads the rows with keys from 0 and the largest value.
    ///
    /// - Parameter isSparse: whether the keys need not be 0..<count; then any `count` rows are read.
    static func contents(
        of table: WorkloadTable,
        rowCount count: Int,
        isSparse: Bool,
        from connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Contents {
        let name = table.qualifiedName
        let largest = try connection.execute("select max(current_value) from \(name)", deadline: deadline)
            .integer(0, 0)
        var parameters = Parameters()
        parameters.append(Int64(count))
        let answer = try connection.execute(
            isSparse
                ? "select id, current_value from \(name) order by id limit $1"
                : "select id, current_value from \(name) where id >= 0 and id < $1 order by id",
            parameters,
            deadline: deadline
        )
        var contents = Contents(rows: [], largest: largest)
        contents.rows.reserveCapacity(count)
        for row in 0..<answer.rowCount {
            guard let id = answer.integer(row, 0), let value = answer.integer(row, 1) else { continue }
            contents.rows.append(Row(id: id, value: value))
        }
        return contents
    }

    /// Inserts the rows from..<end that are not there, with the value that no writer ever writes.
    ///
    /// - Returns: how many it inserted.
    static func fill(
        _ table: WorkloadTable,
        _ range: Range<Int>,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Int {
        var parameters = Parameters()
        parameters.append(Int64(range.lowerBound))
        parameters.append(Int64(range.upperBound - 1))
        return try connection.execute(table.fill, parameters, deadline: deadline).affectedRowCount
    }
}
