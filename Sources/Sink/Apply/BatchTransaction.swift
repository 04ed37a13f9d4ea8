import Model
import Postgres

/// The one transaction that applies a batch: first the progress, then the rows, all in one round trip.
///
/// Encoding, sending and waiting are three steps, so that the next batch is fetched, decoded and encoded while
/// the server works on this one. What is encoded can be sent again. Its memory is reused from batch to batch.
struct BatchTransaction {
    /// What became of a try to apply a batch.
    enum Result {
        case applied
        /// Another instance moved the progress of a partition: nothing of the batch was applied.
        case fenced
        case refused(Refusal)
    }

    /// A statement and, for messages, what it is to do.
    private struct Statement {
        var sql = ""
        var purpose = ""
        var divisionByZero = Refusal.DivisionByZero.fault
        var parameters = Parameters()
    }

    /// Where the statement that moves the progress stands.
    private static let progressIndex = 2

    private let progress: ProgressTable
    /// `nil` when records that cannot be applied go nowhere.
    private let deadLetters: DeadLetterTable?
    /// The first `count` are in use, the others keep their memory.
    private var statements: [Statement] = []
    private var count = 0

    init(progress: ProgressTable, deadLetters: DeadLetterTable? = nil) {
        (self.progress, self.deadLetters) = (progress, deadLetters)
    }

    /// The number of encoded statements.
    var statementCount: Int { count }

    /// The encoded statements.
    var sql: [String] { statements[..<count].map(\.sql) }

    /// Memory that stays when what is encoded is forgotten.
    var keptByteCount: Int { statements.reduce(0) { $0 + $1.parameters.keptByteCount } }

    /// Bytes of all parameters.
    var byteCount: Int { statements[..<count].reduce(0) { $0 + $1.parameters.byteCount } }

    /// Memory that is kept from batch to batch, at most.
    private static let keptLimit = 16 << 20

    /// Forgets what is encoded, keeps the memory unless it is much.
    mutating func removeAll() {
        count = 0
        if keptByteCount > Self.keptLimit { statements = [] }
    }

    /// Why the server would not read what is encoded; the first statement that is too large.
    func refusal(of server: String) -> Refusal? {
        for statement in statements[..<count] {
            guard let error = statement.parameters.sizeError(server: server) else { continue }
            return Refusal(error: error, statement: statement.purpose)
        }
        return nil
    }

    // MARK: Encoding

    /// Writes a batch's statements and parameters as the server reads them.
    mutating func encode(_ batch: Batch) {
        removeAll()
        add(TransactionSettings.begin, to: "begin")
        add(TransactionSettings.statement, to: "set what values depend on")
        add(progress.advanceStatement, to: "move the progress in sink_progress")
        progress.bind(batch.advances, into: &statements[count - 1].parameters)
        if let deadLetters, !batch.deadLetters.isEmpty {
            add(deadLetters.insertStatement, to: "store dead letters in sink_dead_letters")
            deadLetters.bind(batch.deadLetters, into: &statements[count - 1].parameters)
        }
        if batch.order.hasDeferrable { add("set constraints all deferred", to: "defer constraints") }
        let truncated = batch.tables.filter(\.isTruncated).map(\.schema)
        if !truncated.isEmpty {
            let sql = TableStatements.truncate(truncated)
            add(sql, to: sql)
        }
        for table in batch.tables { addKeyCheck(of: table) }
        let order = batch.order
        let childrenFirst = order.parentsFirst.reversed()
        for index in order.parentsFirst { addMoves(of: batch.tables[index]) }
        let isEarly = { order.deletesEarly.contains($0) && batch.tables[$0].schema.softDelete == nil }
        for index in childrenFirst where isEarly(index) {
            addDeletes(of: batch.tables[index])
        }
        for index in order.parentsFirst { addRows(of: batch.tables[index]) }
        for index in childrenFirst where !isEarly(index) {
            addDeletes(of: batch.tables[index])
        }
        add("commit", to: "commit")
    }

    /// Refuses the batch where two of its keys are one for the server, if only that can tell.
    private mutating func addKeyCheck(of table: TableBatch) {
        guard table.schema.hasUncertainKey, table.keySlots.count > 1 else { return }
        add(
            TableStatements.tellKeysApart(table.schema),
            to: "tell the keys of \(table.schema.qualifiedName) apart",
            divisionByZero: .equalKeys
        )
        let key = Array(0..<table.schema.keyCount)
        TableStatements.bind(
            table,
            columns: key,
            slots: table.keySlots,
            into: &statements[count - 1].parameters
        )
    }

    /// Gives rows their new keys, and deletes those whose new key was taken.
    private mutating func addMoves(of table: TableBatch) {
        guard !table.moves.isEmpty else { return }
        let key = Array(0..<table.schema.keyCount)
        let former = table.moves.map(\.from)
        add(TableStatements.move(table.schema), to: "change keys of \(table.schema.qualifiedName)")
        TableStatements.bind(table, columns: key, slots: former, into: &statements[count - 1].parameters)
        let new = table.moves.map(\.to)
        TableStatements.bind(table, columns: key, slots: new, into: &statements[count - 1].parameters)
        addDeletes(of: table, slots: former)
    }

    private mutating func addDeletes(of table: TableBatch) {
        addDeletes(of: table, slots: table.deletedSlots)
    }

    private mutating func addDeletes(of table: TableBatch, slots deleted: [Int]) {
        guard !deleted.isEmpty else { return }
        let key = Array(0..<table.schema.keyCount)
        add(TableStatements.delete(table.schema), to: "delete from \(table.schema.qualifiedName)")
        TableStatements.bind(table, columns: key, slots: deleted, into: &statements[count - 1].parameters)
    }

    private mutating func addRows(of table: TableBatch) {
        for group in table.upserts {
            guard let sql = TableStatements.write(table, group) else { continue }
            add(
                sql,
                to: "\(table.mode.rawValue) rows of \(table.schema.qualifiedName)",
                divisionByZero: group.keepsUnchanged ? .missingRow : .fault
            )
            TableStatements.bind(
                table,
                columns: group.columns,
                slots: group.slots,
                into: &statements[count - 1].parameters
            )
        }
    }

    private mutating func add(
        _ sql: String,
        to purpose: String,
        divisionByZero: Refusal.DivisionByZero = .fault
    ) {
        if count == statements.count { statements.append(Statement()) }
        statements[count].sql = sql
        statements[count].purpose = purpose
        statements[count].divisionByZero = divisionByZero
        statements[count].parameters.removeAll()
        count += 1
    }

    // MARK: Sending

    /// Sends what is encoded, as far as the socket takes it; `finish` must follow on the same connection.
    func send(on connection: borrowing Connection) throws(PostgresError) {
        try connection.startPipeline()
        for statement in statements[..<count] { try connection.send(statement.sql, statement.parameters) }
        try connection.syncPipeline()
        // The server begins when it has a whole statement: until then nobody else has anything to do.
        connection.pushOut(patience: 1)
    }

    /// Waits for the answer.
    ///
    /// - Throws: `PostgresError` when the connection was lost, the server does not take writes any more, or the
    ///   deadline passed: then it is unknown whether the batch was applied, and the stored progress tells.
    func finish(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) -> Result {
        guard let failure = try connection.finishPipeline(deadline: deadline) else { return .applied }
        if failure.error.remedy == .reconnect { throw failure.error }
        // The server has ended the session where a message was too large.
        if connection.isOpen, !failure.error.isMessageTooLarge {
            try connection.execute("rollback", deadline: deadline)
        }
        if failure.statement == Self.progressIndex, failure.error.sqlState == .divisionByZero {
            return .fenced
        }
        let statement = statements[min(failure.statement, count - 1)]
        return .refused(
            Refusal(
                error: failure.error,
                statement: statement.purpose,
                divisionByZero: statement.divisionByZero
            )
        )
    }
}
