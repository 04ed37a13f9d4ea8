package import Access
package import Model
package import Postgres

/// Reads one side's table and the sink's progress, in one snapshot.
package struct TableReader: Sendable {
    package static let timeout: Duration = .seconds(30)

    package var table: TableName
    /// The columns that both sides have beside key and value.
    package var sharedColumns: [String] = []

    package init(table: TableName) {
        self.table = table
    }

    /// The names of the table's columns.
    ///
    /// - Throws: `PostgresError`; one that says so where the table is not there.
    package func columns(_ connection: borrowing Connection) throws(PostgresError) -> Set<ExactText> {
        var parameters = Parameters()
        parameters.append(table.quoted)
        let result = try connection.execute(
            """
            select attname from pg_catalog.pg_attribute
            where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
            """,
            parameters,
            deadline: .after(Self.timeout)
        )
        let names = Set((0..<result.rowCount).compactMap { result.text($0, 0).map { ExactText($0) } })
        for needed in [TableName.keyColumn, TableName.valueColumn]
        where !names.contains(ExactText(needed)) {
            throw PostgresError(
                code: .unexpected,
                message: names.isEmpty
                    ? "there is no table \(table)" : "table \(table) has no column \(needed)",
                server: connection.server
            )
        }
        return names
    }

    /// All rows, in one snapshot with what `also` reads.
    package func read<R>(
        _ connection: borrowing Connection,
        also: (borrowing Connection) throws(PostgresError) -> R
    ) throws(PostgresError) -> (TableContent, R) {
        // Text depends on these settings, which may differ between the two servers.
        try connection.pin(.comparison, deadline: .after(Self.timeout))
        try connection.execute(
            "begin isolation level repeatable read read only",
            deadline: .after(Self.timeout)
        )
        let content = try rows(connection)
        let other = try also(connection)
        try connection.execute("commit", deadline: .after(Self.timeout))
        return (content, other)
    }

    private func rows(_ connection: borrowing Connection) throws(PostgresError) -> TableContent {
        let rest =
            sharedColumns.isEmpty
            ? "null" : "row(" + sharedColumns.map(quotedIdentifier).joined(separator: ", ") + ")::text"
        let (key, value) = (quotedIdentifier(TableName.keyColumn), quotedIdentifier(TableName.valueColumn))
        let result = try needing("select", on: table.quoted) { () throws(PostgresError) in
            try connection.execute(
                "select \(key), \(value), \(rest) from \(table.quoted)",
                deadline: .after(Self.timeout)
            )
        }
        var content = TableContent()
        content.rows.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let id = result.integer(row, 0) else {
                throw PostgresError(
                    code: .unexpected,
                    message: "\(table).\(TableName.keyColumn) is no integer",
                    server: connection.server
                )
            }
            content.rows[RowID(id)] = .init(Token(result.integer(row, 1) ?? 0), rest: result.text(row, 2))
        }
        return content
    }

    /// Count and sum of the values: changes when anybody writes a token.
    package func checksum(_ connection: borrowing Connection) throws(PostgresError) -> String {
        let value = quotedIdentifier(TableName.valueColumn)
        let result = try connection.execute(
            "select count(*) || ' ' || coalesce(sum(\(value)::numeric), 0) from \(table.quoted)",
            deadline: .after(Self.timeout)
        )
        return result.text(0, 0) ?? ""
    }

    /// The value of one row, `nil` where there is none.
    package func value(of row: RowID, _ connection: borrowing Connection) throws(PostgresError) -> Token? {
        var parameters = Parameters()
        parameters.append(row.rawValue)
        let (key, value) = (quotedIdentifier(TableName.keyColumn), quotedIdentifier(TableName.valueColumn))
        let result = try connection.execute(
            "select \(value) from \(table.quoted) where \(key) = $1",
            parameters,
            deadline: .after(Self.timeout)
        )
        return result.rowCount == 0 ? nil : result.integer(0, 0).map { Token($0) }
    }

    /// Waits until no transaction holds these rows: what was still on its way is decided then.
    package func awaitRows(_ rows: [RowID], _ connection: borrowing Connection) throws(PostgresError) {
        guard !rows.isEmpty else { return }
        var parameters = Parameters()
        parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: rows.count)
        for row in rows { parameters.element(row.rawValue) }
        parameters.finishArray()
        let key = quotedIdentifier(TableName.keyColumn)
        try needing("select, update", on: table.quoted) { () throws(PostgresError) in
            _ = try connection.execute(
                "select 1 from \(table.quoted) where \(key) = any($1) for no key update",
                parameters,
                deadline: .after(Self.timeout)
            )
        }
    }
}

/// Reads how far a sink has come with a topic.
package struct ProgressReader: Sendable {
    private var sink: String
    private var topic: String
    private var statement: String
    private var table: String

    package init(_ settings: PipelineSettings) {
        (sink, topic, table) = (settings.sink, settings.topic, settings.progress.quoted)
        statement = """
            select "partition", next_offset, events, last_timestamp from \(settings.progress.quoted)
            where sink = $1 and topic = $2
            """
    }

    package func read(_ connection: borrowing Connection) throws(PostgresError) -> [Int32: SinkProgress] {
        var parameters = Parameters()
        parameters.append(sink)
        parameters.append(topic)
        let result = try needing("select", on: table) { () throws(PostgresError) in
            try connection.execute(statement, parameters, deadline: .after(TableReader.timeout))
        }
        return Self.progress(result)
    }

    /// Plans the statement once, for a session that asks often.
    package func prepare(_ connection: borrowing Connection) throws(PostgresError) {
        try needing("select", on: table) { () throws(PostgresError) in
            try connection.prepare(
                "progress",
                statement,
                types: [TypeOID.text, TypeOID.text],
                deadline: .after(TableReader.timeout)
            )
        }
    }

    /// Asks a session that has the statement prepared.
    package func readPrepared(_ connection: borrowing Connection) throws(PostgresError) -> [Int32:
        SinkProgress]
    {
        var parameters = Parameters()
        parameters.append(sink)
        parameters.append(topic)
        return Self.progress(
            try connection.execute(prepared: "progress", parameters, deadline: .after(ValueFetch.timeout))
        )
    }

    private static func progress(_ result: borrowing QueryResult) -> [Int32: SinkProgress] {
        var progress: [Int32: SinkProgress] = [:]
        for row in 0..<result.rowCount {
            guard let partition = result.integer(row, 0), let nextOffset = result.integer(row, 1),
                let events = result.integer(row, 2)
            else { continue }
            progress[Int32(clamping: partition)] = SinkProgress(
                nextOffset: nextOffset,
                events: events,
                lastTimestamp: result.integer(row, 3)
            )
        }
        return progress
    }
}
