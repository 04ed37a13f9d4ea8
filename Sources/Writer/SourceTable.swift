import Shared

/// The table that is written, as the source has it.
struct SourceTable: Sendable {
    /// Its name in SQL.
    static let name = "public.debezium_table"

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
    var defect: String? {
        guard !columns.isEmpty else { return "there is no table \(Self.name); `writer init` makes it" }
        return defect(of: "id", type: "integer", mustBeKey: true)
            ?? defect(of: "current_value", type: "bigint", mustBeKey: false)
            ?? columns.first { !["id", "current_value"].contains($0.name) && $0.isNotNull && !$0.hasDefault }
            .map {
                "table \(Self.name): column \($0.name) must have a value; expected only id and current_value"
            }
    }

    private func defect(of name: String, type: String, mustBeKey: Bool) -> String? {
        let place =
            "table \(Self.name), column \(name): expected \(type) not null\(mustBeKey ? " primary key" : "")"
        guard let column = columns.first(where: { $0.name == name }) else {
            return "\(place), found no such column"
        }
        guard column.type == type else { return "\(place), found \(column.type)" }
        guard column.isNotNull else { return "\(place), found \(column.type) that may be null" }
        guard !mustBeKey || column.isPrimaryKey else {
            return "\(place), found \(column.type) that is not the key"
        }
        return nil
    }

    /// The values of the rows 0..<count, and the largest value of the whole table.
    struct Contents: Sendable {
        var values: [Int64]
        var largest: Int64?
        /// The first of the rows 0..<count that is not there; `values` then ends before it.
        var firstMissing: Int64?
    }

    /// Reads the rows 0..<count and the largest value.
    static func contents(
        rowCount count: Int,
        from connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Contents {
        let largest = try connection.execute("select max(current_value) from \(name)", deadline: deadline)
            .integer(0, 0)
        var parameters = Parameters()
        parameters.append(Int64(count))
        let answer = try connection.execute(
            "select id, current_value from \(name) where id >= 0 and id < $1 order by id",
            parameters,
            deadline: deadline
        )
        var contents = Contents(values: [], largest: largest, firstMissing: nil)
        contents.values.reserveCapacity(count)
        for row in 0..<answer.rowCount {
            guard answer.integer(row, 0) == Int64(row), let value = answer.integer(row, 1) else { break }
            contents.values.append(value)
        }
        if contents.values.count < count { contents.firstMissing = Int64(contents.values.count) }
        return contents
    }

    /// Makes the table if it is not there.
    static func create(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        try connection.execute(
            "create table if not exists \(name) (id int primary key, current_value bigint not null)",
            deadline: deadline
        )
    }

    /// Inserts the rows from..<end that are not there, with the value that no writer ever writes.
    ///
    /// - Returns: how many it inserted.
    static func fill(
        _ range: Range<Int>,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Int {
        var parameters = Parameters()
        parameters.append(Int64(range.lowerBound))
        parameters.append(Int64(range.upperBound - 1))
        return try connection.execute(
            """
            insert into \(name) (id, current_value)
            select id, 0 from generate_series($1, $2) as id on conflict (id) do nothing
            """,
            parameters,
            deadline: deadline
        ).affectedRowCount
    }
}
