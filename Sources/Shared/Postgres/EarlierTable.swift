public import Model

/// A control table of a version that kept it wherever `search_path` led, mostly in `public`.
///
/// Who finds one that may hold what is looked for must not begin anew: records would be applied again, or a fork be
/// forgotten.
public struct EarlierTable: Sendable, Equatable {
    /// The schema, quoted where it must be.
    public var schema: String
    public var owner: String
    /// Whether it can be read without running anybody's code: only its owner could have put that there.
    public var isReadable: Bool

    public init(schema: String, owner: String, isReadable: Bool) {
        (self.schema, self.owner, self.isReadable) = (schema, owner, isReadable)
    }
}

extension ControlTable {
    /// Looks for what an earlier version left, where this table has nothing.
    ///
    /// - Parameters:
    ///   - column: the first column of its key.
    ///   - value: whose rows are looked for.
    ///   - state: what the catalog says of this table, which may be used.
    /// - Returns: why the program must not begin anew, with the way out; `nil` where it may.
    public func earlier(
        _ column: String,
        of value: String,
        _ state: ControlTableState,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> String? {
        var key = Parameters()
        key.append(value)
        if state.owner != nil {
            let own = try connection.execute(
                "select exists(select from \(quoted) where \(quotedIdentifier(column)) = $1)",
                key,
                deadline: deadline
            )
            guard own.text(0, 0) != "t" else { return nil }
        }
        for table in try candidates(column, on: connection, deadline: deadline) {
            let name = "\(table.schema).\(quotedIdentifier(self.name))"
            guard table.isReadable else { return Self.unreadable(name, table, self, value) }
            let found = try connection.execute(
                "select exists(select from \(name) where \(quotedIdentifier(column)) = $1)",
                key,
                deadline: deadline
            )
            if found.text(0, 0) == "t" { return Self.left(name, table, self, value) }
        }
        return nil
    }

    /// - Throws: `PostgresError` with code `refused` where the program must not begin anew.
    public func refuseEarlier(
        _ column: String,
        of value: String,
        _ state: ControlTableState,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        let reason = try earlier(column, of: value, state, on: connection, deadline: deadline)
        if let reason { throw .refused(reason, connection.server) }
    }

    /// Tables of the name elsewhere, which have the column.
    private func candidates(
        _ column: String,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [EarlierTable] {
        var parameters = parameters
        parameters.append(column)
        let rows = try connection.execute(
            """
            \(Self.trusted)
            select quote_ident(n.nspname), c.relowner::regrole::text,
                c.relkind = 'r' and not c.relrowsecurity and c.relowner in (select role from trusted)
                    and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relname = $2 and c.relkind in ('r', 'p') and n.nspname <> $1
                and (n.nspname = 'public' or n.nspname = any(\(SessionSettings.schemasExpression)))
                and exists (
                    select from pg_attribute a
                    where a.attrelid = c.oid and a.attname = $3 and a.atttypid = 'text'::regtype)
            order by 1
            """,
            parameters,
            deadline: deadline
        )
        return (0..<rows.rowCount).map {
            EarlierTable(
                schema: rows.text($0, 0) ?? "",
                owner: rows.text($0, 1) ?? "",
                isReadable: rows.text($0, 2) == "t"
            )
        }
    }

    private static func left(
        _ name: String,
        _ table: EarlierTable,
        _ control: ControlTable,
        _ value: String
    ) -> String {
        "\(name) has what an earlier version stored for \(value), and \(control.quoted) has nothing of it. Beginning "
            + "anew would do again what was done; stop the earlier version and move its tables: "
            + migration(table, control)
    }

    private static func unreadable(
        _ name: String,
        _ table: EarlierTable,
        _ control: ControlTable,
        _ value: String
    ) -> String {
        "\(name), which belongs to \(table.owner), may have what an earlier version stored for \(value), this user may "
            + "not read it, and \(control.quoted) has nothing of it. If it is an earlier version's, stop that and move "
            + "its tables: \(migration(table, control)). If it is not, drop it"
            + (control.name == guardName ? "" : ", or say where to begin with sink reset")
    }

    private static func migration(_ table: EarlierTable, _ control: ControlTable) -> String {
        var command = "psql DATABASE -f sql/migrate.sql"
        if table.schema != "public" { command += " -v from=\(table.schema)" }
        if control.schema != defaultSchema { command += " -v schema=\(control.schema)" }
        return "\(command) (docs/roles.md)"
    }
}
