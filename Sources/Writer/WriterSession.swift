import History
import Model
import Postgres

/// One session of a worker on a server that accepts writes; owns the connection.
///
/// Performs the statements of an attempt and says how it ended; what that means is `Judgement`'s business.
struct WriterSession: ~Copyable {
    private let connection: Connection
    private let timeout: Duration
    private let workload: Workload
    /// Whether BEGIN and the statements go out in one go.
    private let isPipelined: Bool
    /// The server, its backend and its timeline, as they stand in the history.
    let identity: HistoryLine.Session

    private init(
        _ connection: consuming Connection,
        _ identity: HistoryLine.Session,
        timeout: Duration,
        workload: Workload,
        isPipelined: Bool
    ) {
        self.connection = connection
        (self.identity, self.timeout) = (identity, timeout)
        (self.workload, self.isPipelined) = (workload, isPipelined)
    }

    /// Connects, makes sure that the server accepts writes, and asks who it is.
    ///
    /// - Throws: `PostgresError`; SQLSTATE 25006 for a server that does not accept writes.
    static func open(
        _ source: Source,
        for workload: Workload,
        isPipelined: Bool
    ) throws(PostgresError) -> WriterSession {
        let deadline = Deadline.after(source.connectTimeout)
        let connection = try source.connect(deadline: deadline)
        let identity = try identify(connection, deadline)
        // These two as well: parsed anew for each attempt, they would cost the server more than the client.
        for name in ["begin", "commit"] {
            try connection.prepare(name, name, types: [], deadline: deadline)
        }
        for statement in workload.statements {
            try connection.prepare(statement.name, statement.sql, types: statement.types, deadline: deadline)
        }
        return WriterSession(
            connection,
            identity,
            timeout: source.timeout,
            workload: workload,
            isPipelined: isPipelined
        )
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

    /// Makes one attempt: BEGIN and the statements, in one go or one by one, then COMMIT alone.
    ///
    /// COMMIT goes out only after the answers to the statements are there: so the window in which nobody knows the
    /// outcome is this one message.
    ///
    /// - Returns: how it ended, how far it had come, and the server's notices about COMMIT.
    func attempt(_ plan: AttemptPlan) -> (end: AttemptEnd, phase: Phase, notices: [Notice]) {
        var phase = Phase.connect
        do throws(PostgresError) {
            let touchedEach: Bool
            if isPipelined {
                try connection.startPipeline()
                phase = .statement
                try connection.send(prepared: "begin", Parameters())
                for statement in plan.statements {
                    try connection.send(prepared: statement.name, statement.parameters)
                }
                try connection.syncPipeline()
                var touched = 0
                let failure = try connection.finishPipeline(deadline: .after(timeout)) { index, result in
                    if index > 0, result.affectedRowCount == 1 { touched += 1 }
                }
                if let failure { return (.failed(failure.error), phase, []) }
                touchedEach = touched == plan.statements.count
            } else {
                phase = .statement
                try connection.execute(prepared: "begin", Parameters(), deadline: .after(timeout))
                var touched = 0
                for statement in plan.statements {
                    let answer = try connection.execute(
                        prepared: statement.name,
                        statement.parameters,
                        deadline: .after(timeout)
                    )
                    if answer.affectedRowCount == 1 { touched += 1 }
                }
                touchedEach = touched == plan.statements.count
            }
            guard touchedEach else { return (.untouched, phase, []) }
            // What a trigger says belongs to the statements, not to COMMIT.
            _ = connection.takeNotices()
            phase = .commit
            let tag = try connection.execute(prepared: "commit", Parameters(), deadline: .after(timeout))
                .commandTag
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

    /// Reads the rows of a doubt under locks, in a transaction whose COMMIT was acknowledged without a WARNING.
    ///
    /// First the old backend must have ended its transaction: a row that it inserted and has not committed yet is
    /// invisible to a lock. Rows that it updated are locked until then, also while its COMMIT waits for the
    /// synchronous standby. The locks are written to the WAL, so in synchronous mode the acknowledged COMMIT says
    /// that all that was seen is on the standby too; for that, a row is locked even where those asked for are gone.
    ///
    /// - Throws: `PostgresError`; 55P03 when a row stays locked for longer than a fifth of a second.
    func readLocked(_ doubt: Doubt) throws(PostgresError) -> LockedRows {
        let ids = doubt.attempt.changes.map(\.id)
        var backend = Parameters()
        // Of another server, this process id means nothing: what is not on this timeline will never be.
        let isHere = doubt.session.node == identity.node && doubt.session.timeline == identity.timeline
        backend.append(isHere ? doubt.session.backendProcessID : 0)
        var keys = Parameters()
        keys.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: ids.count)
        for id in ids { keys.element(id) }
        keys.finishArray()
        let table = workload.table.qualifiedName
        try connection.startPipeline()
        try connection.send("begin")
        // Short: other rows wait for their turn meanwhile, and the settling is tried again.
        try connection.send("set local lock_timeout = '200ms'")
        try connection.send(
            """
            select from pg_stat_activity
            where pid = $1 and backend_xid is not null and pid <> pg_backend_pid()
            """,
            backend
        )
        try connection.send(
            "select id, current_value from \(table) where id = any($1) order by id for update",
            keys
        )
        try connection.send("select from \(table) limit 1 for update skip locked")
        try connection.syncPipeline()
        var found: [Int64: Int64] = [:]
        var isOldBackendBusy = false
        let failure = try connection.finishPipeline(deadline: .after(timeout)) { statement, result in
            if statement == 2 { isOldBackendBusy = result.rowCount > 0 }
            guard statement == 3 else { return }
            for row in 0..<result.rowCount {
                if let id = result.integer(row, 0) { found[id] = result.integer(row, 1) }
            }
        }
        if let failure { throw failure.error }
        guard !isOldBackendBusy else {
            try rollBack()
            return .undecided
        }
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
        return .found(found)
    }
}

/// What a look at the rows of a doubt found.
enum LockedRows: Sendable {
    /// The values of the keys that have a row.
    case found([Int64: Int64])
    /// The backend that made the attempt is still in its transaction.
    case undecided
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
