import Logs
import Model
import Postgres
import Threading

/// Makes the table and its rows; running it again changes nothing.
struct TableSetup: Sendable {
    let source: Source
    let workload: Workload
    let rowCount: Int

    /// Makes what is missing and says what it did.
    func perform(_ report: (String) -> Void) throws(WriterError) {
        let logger = Logger(label: "writer")
        var (isNew, inserted) = (false, 0)
        let defect = try source.whenReachable(
            within: RunService.patience,
            for: workload,
            stop: StopSignal(),
            report: { logger.warning("\($0)") }
        ) { connection throws(PostgresError) -> String? in
            let minute = Duration.seconds(60)
            let table = workload.table
            isNew = try SourceTable.read(table.qualifiedName, from: connection, deadline: .after(minute))
                .columns.isEmpty
            // A user who may only write finds the tables made by somebody else.
            let hasCompanion = try exists("public.outbox", connection)
            if isNew || !hasCompanion {
                for statement in workload.creation {
                    try connection.execute(statement, deadline: .after(minute))
                }
            }
            let found = try SourceTable.read(
                table.qualifiedName,
                from: connection,
                deadline: .after(minute)
            )
            if let defect = found.defect(in: table) { return defect }
            // A key that was given up must never come back: this workload makes its rows itself.
            guard !workload.deletesRows else { return nil }
            // In parts, each a transaction: a lost connection costs one part.
            for start in stride(from: 0, to: rowCount, by: 10_000) {
                let part = start..<min(start + 10_000, rowCount)
                inserted += try SourceTable.fill(table, part, on: connection, deadline: .after(minute))
            }
            return nil
        }
        if case let defect?? = defect { throw WriterError(.stopped, defect) }
        report("\(workload.table.qualifiedName): \(isNew ? "made" : "was there")")
        guard !workload.deletesRows else { return }
        report("rows 0..<\(rowCount): \(inserted) inserted with value 0, \(rowCount - inserted) were there")
    }

    private func exists(_ table: String, _ connection: borrowing Connection) throws(PostgresError) -> Bool {
        guard workload == .outbox else { return true }
        return try !SourceTable.read(table, from: connection, deadline: .after(.seconds(60))).columns.isEmpty
    }
}
