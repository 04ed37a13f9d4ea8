import Shared

/// Applies a batch in one transaction: first the progress, then the rows, all in one round trip.
struct Applier {
    /// What became of a try to apply a batch.
    enum Result {
        case applied
        /// Another instance moved the progress of a partition: nothing of the batch was applied.
        case fenced
        case refused(Refusal)
    }

    let progress: ProgressTable
    /// `nil` when records that cannot be applied go nowhere.
    let deadLetters: DeadLetterTable?
    private var parameters = Parameters()

    init(progress: ProgressTable, deadLetters: DeadLetterTable?) {
        (self.progress, self.deadLetters) = (progress, deadLetters)
    }

    /// - Throws: `PostgresError` when the connection was lost, the server does not take writes any more, or the
    ///   deadline passed: then it is unknown whether the batch was applied, and the stored progress tells.
    mutating func apply(
        _ batch: Batch,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Result {
        var statements = SentStatements()
        try connection.startPipeline()
        try connection.send("begin")
        parameters.removeAll()
        progress.bind(batch.advances, into: &parameters)
        try connection.send(ProgressTable.advanceStatement, parameters)
        if let deadLetters, !batch.deadLetters.isEmpty {
            parameters.removeAll()
            deadLetters.bind(batch.deadLetters, into: &parameters)
            try connection.send(DeadLetterTable.insertStatement, parameters)
            statements.append("store dead letters in sink_dead_letters")
        }
        let truncated = batch.tables.filter(\.isTruncated).map(\.schema)
        if !truncated.isEmpty {
            try connection.send(TableStatements.truncate(truncated))
            statements.append(TableStatements.truncate(truncated))
        }
        let order = batch.order
        let childrenFirst = order.parentsFirst.reversed()
        for index in childrenFirst where order.deletesEarly.contains(index) {
            try sendDeletes(of: batch.tables[index], on: connection, naming: &statements)
        }
        for index in order.parentsFirst {
            try sendRows(of: batch.tables[index], on: connection, naming: &statements)
        }
        for index in childrenFirst where !order.deletesEarly.contains(index) {
            try sendDeletes(of: batch.tables[index], on: connection, naming: &statements)
        }
        statements.append("commit")
        try connection.send("commit")
        try connection.syncPipeline()
        guard let failure = try connection.finishPipeline(deadline: deadline) else { return .applied }
        if failure.error.remedy == .reconnect { throw failure.error }
        try connection.execute("rollback", deadline: deadline)
        if failure.statement == 1, failure.error.sqlState == .divisionByZero { return .fenced }
        return .refused(statements.refusal(of: failure.statement, failure.error))
    }

    private mutating func sendDeletes(
        of table: TableBatch,
        on connection: borrowing Connection,
        naming statements: inout SentStatements
    ) throws(PostgresError) {
        let deleted = table.deletedSlots
        guard !deleted.isEmpty else { return }
        let key = Array(0..<table.schema.keyCount)
        parameters.removeAll()
        TableStatements.bind(table, columns: key, slots: deleted, into: &parameters)
        try connection.send(TableStatements.delete(table.schema), parameters)
        statements.append("delete from \(table.schema.qualifiedName)")
    }

    private mutating func sendRows(
        of table: TableBatch,
        on connection: borrowing Connection,
        naming statements: inout SentStatements
    ) throws(PostgresError) {
        for group in table.upserts {
            guard let statement = TableStatements.write(table, group) else { continue }
            parameters.removeAll()
            TableStatements.bind(table, columns: group.columns, slots: group.slots, into: &parameters)
            try connection.send(statement, parameters)
            statements.append(
                "\(table.mode) rows of \(table.schema.qualifiedName)",
                needsRows: group.keepsUnchanged
            )
        }
    }
}

/// What each statement of a transaction is to do, for messages.
private struct SentStatements {
    private var statements = [
        (name: "begin", needsRows: false), (name: "move the progress in sink_progress", needsRows: false),
    ]

    mutating func append(_ name: String, needsRows: Bool = false) {
        statements.append((name, needsRows))
    }

    func refusal(of index: Int, _ error: PostgresError) -> Refusal {
        let statement = statements[min(index, statements.count - 1)]
        return Refusal(error: error, statement: statement.name, needsRows: statement.needsRows)
    }
}
