import Evidence
import Model
import Postgres
import Threading

/// Compares a history with the database that its runs wrote.
struct SourceCheck: Sendable {
    let source: Source
    let journal: Journal

    struct Result: Sendable {
        var findings: SourceFindings
        /// Attempts whose event is missing in the outbox, and events without their attempt.
        var outboxDefects = 0
        /// What the accounts of `transfer` add up to beside what they must.
        var totalOff: Int64 = 0
        /// Large values that no attempt wrote so.
        var bodyDefects = 0

        var isClean: Bool { findings.isClean && outboxDefects == 0 && totalOff == 0 && bodyDefects == 0 }
    }

    /// Reads the tables that the history names, from a leader.
    ///
    /// - Throws: `WriterError`, `unreachable` when no server that accepts writes was reached.
    func perform() throws(WriterError) -> Result {
        let (journal, minute) = (journal, Duration.seconds(120))
        let tables = Set(journal.tables.map { ExactText($0.name) })
        let outbox = journal.table.outboxTokens
        let result = try source.whenReachable(
            within: RunService.patience,
            for: .update,
            stop: StopSignal(),
            report: { _ in }
        ) { connection throws(PostgresError) -> Result in
            var values: [String: [RowID: Token]] = [:]
            for (table, _) in journal.tables {
                let answer = try connection.execute(
                    "select id, current_value from public.\(quotedIdentifier(table))",
                    deadline: .after(minute)
                )
                for row in 0..<answer.rowCount {
                    guard let id = answer.integer(row, 0), let value = answer.integer(row, 1) else {
                        continue
                    }
                    values[table, default: [:]][RowID(id)] = Token(value)
                }
            }
            var result = Result(findings: SourceFindings(journal, values: values))
            if !outbox.isEmpty {
                result.outboxDefects = try outboxDefects(result.findings, connection, .after(minute))
            }
            if tables.contains(ExactText(Workload.transfer.table.name)) {
                result.totalOff =
                    try connection.execute(
                        "select sum(amount) - 1000 * count(*) from \(Workload.transfer.table.qualifiedName)",
                        deadline: .after(minute)
                    ).integer(0, 0) ?? 0
            }
            if tables.contains(ExactText(Workload.wide.table.name)) {
                result.bodyDefects = Int(
                    try connection.execute(
                        """
                        select count(*) from \(Workload.wide.table.qualifiedName)
                        where body <> '' and (body <> repeat(left(body, 20), length(body) / 20)
                            or left(body, 20)::bigint > current_value)
                        """,
                        deadline: .after(minute)
                    ).integer(0, 0) ?? 0
                )
            }
            return result
        }
        guard let result else { throw WriterError(.stopped, "stopped") }
        return result
    }

    private func outboxDefects(
        _ findings: SourceFindings,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> Int {
        let answer = try connection.execute(
            """
            select payload->>'current_value', id from public.outbox where aggregatetype = 'debezium_table'
            """,
            deadline: deadline
        )
        let outbox = journal.table.outboxTokens
        var found: Set<Token> = []
        var defects = 0
        for row in 0..<answer.rowCount {
            // An event of another writer's history is not this one's business.
            guard let token = answer.integer(row, 0).map({ Token($0) }), outbox.contains(token) else {
                continue
            }
            if answer.text(row, 1) != AttemptPlan.outboxKey(of: token.rawValue) { defects += 1 }
            found.insert(token)
        }
        return defects + findings.survivingOutbox.symmetricDifference(found).count
    }
}
