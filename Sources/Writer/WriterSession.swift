import Shared

/// One session of a worker on a server that accepts writes; owns the connection.
///
/// Performs the statements of an attempt and says how it ended; what that means is `Judgement`'s business.
struct WriterSession: ~Copyable {
    private let connection: Connection
    private let timeout: Duration
    /// The server, its backend and its timeline, as they stand in the history.
    let identity: HistoryLine.Session

    private init(_ connection: consuming Connection, _ identity: HistoryLine.Session, timeout: Duration) {
        self.connection = connection
        (self.identity, self.timeout) = (identity, timeout)
    }

    /// Connects, makes sure that the server accepts writes, and asks who it is.
    ///
    /// - Throws: `PostgresError`; SQLSTATE 25006 for a server that does not accept writes.
    static func open(_ source: Source) throws(PostgresError) -> WriterSession {
        let deadline = Deadline.after(source.connectTimeout)
        let connection = try source.connect(deadline: deadline)
        let identity = try identify(connection, deadline)
        try connection.prepare(
            "update",
            "update \(SourceTable.name) set current_value = $1 where id = $2 and current_value = $3",
            types: [TypeOID.int8, TypeOID.int4, TypeOID.int8],
            deadline: deadline
        )
        return WriterSession(connection, identity, timeout: source.timeout)
    }

    private static func identify(
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> HistoryLine.Session {
        // pg_walfile_name names the new timeline from the moment of a promotion on, and is an error on a standby.
        let answer = try connection.execute(
            """
            select host(inet_server_addr()), inet_server_port(), pg_backend_pid(),
                   pg_walfile_name(pg_current_wal_lsn()), pg_is_in_recovery()
            """,
            deadline: deadline
        )
        guard answer.text(0, 4) == "f" else { throw .acceptsNoWrites(connection.server) }
        guard let processID = answer.integer(0, 2), let file = answer.text(0, 3),
            let timeline = Timeline(walFileName: file)
        else {
            throw PostgresError(
                code: .unexpected,
                message: "the server does not name its backend and timeline",
                server: connection.server
            )
        }
        // A session over a Unix socket has no address.
        let node = answer.text(0, 0).map { "\($0):\(answer.text(0, 1) ?? "")" } ?? "local"
        return .init(node: node, backendProcessID: Int32(clamping: processID), timeline: timeline)
    }

    /// Makes one attempt: BEGIN and UPDATE in one go, then COMMIT alone.
    ///
    /// COMMIT goes out only after the answer to UPDATE is there: so the window in which nobody knows the outcome
    /// is this one message.
    ///
    /// - Returns: how it ended, how far it had come, and the server's notices about COMMIT.
    func attempt(
        id: Int64,
        from previous: Int64,
        to token: Token
    ) -> (end: AttemptEnd, phase: Phase, notices: [Notice]) {
        var phase = Phase.connect
        do throws(PostgresError) {
            var parameters = Parameters()
            parameters.append(token.rawValue)
            parameters.append(Int32(truncatingIfNeeded: id))
            parameters.append(previous)
            try connection.startPipeline()
            phase = .statement
            try connection.send("begin")
            try connection.send(prepared: "update", parameters)
            try connection.syncPipeline()
            var affected = 0
            let failure = try connection.finishPipeline(deadline: .after(timeout)) { statement, result in
                if statement == 1 { affected = result.affectedRowCount }
            }
            if let failure { return (.failed(failure.error), phase, []) }
            guard affected == 1 else { return (.untouched, phase, []) }
            // What a trigger says belongs to UPDATE, not to COMMIT.
            _ = connection.takeNotices()
            phase = .commit
            let tag = try connection.execute("commit", deadline: .after(timeout)).commandTag
            return (.answered(tag: tag), phase, connection.takeNotices())
        } catch {
            let notices = connection.takeNotices()
            return (.failed(error.explained(by: notices)), phase, notices)
        }
    }

    /// Ends a transaction that was not committed.
    func rollBack() throws(PostgresError) {
        try connection.execute("rollback", deadline: .after(timeout))
    }

    /// Reads a row under a lock, in a transaction whose COMMIT was acknowledged without a WARNING.
    ///
    /// The lock waits for a transaction of an old backend that still holds the row: a COMMIT that is on its way,
    /// or that waits for its synchronous standby. The lock itself is written to the WAL, so in synchronous mode
    /// the acknowledged COMMIT says that all that was seen is on the standby too.
    ///
    /// - Returns: the value, or `nil` when there is no such row.
    /// - Throws: `PostgresError`; 55P03 when the row stays locked for longer than a fifth of a second.
    func readLocked(id: Int64) throws(PostgresError) -> Int64? {
        var parameters = Parameters()
        parameters.append(Int32(truncatingIfNeeded: id))
        try connection.startPipeline()
        try connection.send("begin")
        // Short: other rows wait for their turn meanwhile, and the settling is tried again.
        try connection.send("set local lock_timeout = '200ms'")
        try connection.send(
            "select current_value from \(SourceTable.name) where id = $1 for update",
            parameters
        )
        try connection.syncPipeline()
        var value: Int64? = nil
        let failure = try connection.finishPipeline(deadline: .after(timeout)) { statement, result in
            if statement == 2, result.rowCount == 1 { value = result.integer(0, 0) }
        }
        if let failure { throw failure.error }
        _ = connection.takeNotices()
        let tag = try connection.execute("commit", deadline: .after(timeout)).commandTag
        if let warning = connection.takeNotices().first(where: { $0.severity == "WARNING" }) {
            throw PostgresError(
                code: .unexpected,
                sqlState: warning.sqlState,
                message: warning.message,
                server: connection.server
            )
        }
        guard tag == "COMMIT" else {
            throw PostgresError(
                code: .unexpected,
                message: "commit answered \(tag)",
                server: connection.server
            )
        }
        return value
    }
}

extension PostgresError {
    /// This error with the SQLSTATE of the server's last words, where it has none.
    ///
    /// What a server says while no answer is due, libpq passes on as a notice: so the FATAL of a shutdown.
    fileprivate func explained(by notices: [Notice]) -> PostgresError {
        guard sqlState == nil, let fatal = notices.last(where: { $0.severity == "FATAL" }) else {
            return self
        }
        return PostgresError(
            code: code,
            sqlState: fatal.sqlState,
            message: "\(fatal.message); \(message)",
            server: server
        )
    }
}
