import Shared

extension DestinationCheck {
    /// Whether dead letters can be stored, where there are any.
    func checkDeadLetterTable(
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        guard configuration.errors.deadLetterTopic != nil else { return }
        let table = "sink_dead_letters"
        let found = try connection.execute(
            """
            select to_regclass('sink_dead_letters'),
                current_schema() is not null and has_schema_privilege(current_schema(), 'create')
            """,
            deadline: deadline
        )
        guard found.text(0, 0) != nil else {
            if found.text(0, 1) == "t" {
                report.add(.ok, table, "is not there; the sink will create it")
            } else {
                report.add(.failure, table, "is not there, and this user may not create it")
            }
            return
        }
        let missing = try missingPrivileges(
            of: ["select", "insert", "delete"],
            on: table,
            connection,
            deadline
        )
        if missing.isEmpty {
            report.add(.ok, table, "is there")
        } else {
            report.add(.failure, table, "this user lacks \(missing.joined(separator: ", "))")
        }
    }
}
