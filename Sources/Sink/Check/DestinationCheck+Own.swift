import Model
import Postgres

/// Whether the sink's own tables are there, or can be made.
extension DestinationCheck {
    /// Whether `sink_progress` is there and can be read.
    func checkProgressTable(
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) -> Bool {
        let table = configuration.progressTable
        let needed = ["select", "insert", "update"]
        guard try check(table.control, needed, on: connection, deadline, &report) else { return false }
        guard try !table.hasMarks(on: connection, deadline: deadline) else { return true }
        guard try owns(table.name, connection, deadline) else {
            let remedy = "as its owner run: \(table.addMarksStatement)"
            report.add(.failure, "sink_progress", "is of an earlier version; \(remedy)")
            return true
        }
        report.add(.note, "sink_progress", "is of an earlier version; the sink will add its columns")
        return true
    }

    /// Whether dead letters can be stored, where there are any.
    func checkDeadLetterTable(
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        guard let table = configuration.deadLetterTable else { return }
        _ = try check(table.control, ["select", "insert", "delete"], on: connection, deadline, &report)
    }

    /// - Returns: whether the table is there and this user has the rights on it.
    private func check(
        _ table: ControlTable,
        _ needed: [String],
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) -> Bool {
        let state = try table.state(on: connection, deadline: deadline)
        if let reason = state.refusal(of: table) {
            report.add(.failure, table.name, reason)
            return false
        }
        let earlier = try table.earlier(
            "sink",
            of: configuration.name,
            state,
            on: connection,
            deadline: deadline
        )
        if let earlier { report.add(.failure, table.name, earlier) }
        guard state.owner != nil else {
            guard earlier == nil else { return false }
            try checkCreation(of: table, state, on: connection, deadline, &report)
            return false
        }
        let usage = "select has_schema_privilege($1, 'usage')"
        guard try isTrue(usage, of: [table.schema], connection, deadline) else {
            let name = quotedIdentifier(table.schema)
            let grant = "grant usage on schema \(name) to \(quotedIdentifier(state.user))"
            report.add(.failure, table.name, "this user lacks usage of its schema; run: \(grant)")
            return false
        }
        let missing = try missingPrivileges(of: needed, on: table.quoted, connection, deadline)
        guard missing.isEmpty else {
            let grant = Self.grant(missing, on: table.quoted, to: state.user)
            report.add(
                .failure,
                table.name,
                "this user lacks \(missing.joined(separator: ", ")); run: \(grant)"
            )
            return false
        }
        report.add(.ok, table.name, "is there as \(table.quoted)")
        return true
    }

    private func checkCreation(
        of table: ControlTable,
        _ state: ControlTableState,
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        let creation = """
            select case when n.oid is null then has_database_privilege(current_database(), 'create')
                else has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create') end
            from (values ($1)) as wanted(name) left join pg_namespace n on n.nspname = wanted.name
            """
        if try isTrue(creation, of: [table.schema], connection, deadline) {
            report.add(.ok, table.name, "is not there; the sink will create it as \(table.quoted)")
        } else {
            report.add(
                .failure,
                table.name,
                "is not there, and \(state.user) may not create \(table.quoted); have sql/roles.sql run by a "
                    + "superuser, which makes it (docs/roles.md)"
            )
        }
    }
}
