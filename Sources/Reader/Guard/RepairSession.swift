import Model
import Postgres

/// The session at the leader that writes rows again as they are.
struct RepairSession: ~Copyable {
    /// `session_replication_role`: as `replica`, nothing but triggers that were made for that run, and no foreign key is
    /// asked.
    enum Role {
        case origin, replica
    }

    private let connection: Connection
    let role: Role

    private static let timeout: Duration = .seconds(10)

    /// Connects to the leader itself.
    ///
    /// - Throws: also where it is not on the timeline any more.
    static func open(_ leader: ConnectionOptions, on timeline: Timeline) throws(PostgresError)
        -> RepairSession
    {
        let connection = try Connection.open(leader, pinned: .common, deadline: .after(timeout))
        let answer = try connection.execute(
            "select pg_walfile_name(pg_current_wal_lsn()), (current_setting('is_superuser') = 'on')::int",
            deadline: .after(timeout)
        )
        guard answer.text(0, 0).flatMap({ Timeline(walFileName: $0) }) == timeline else {
            throw PostgresError(
                code: .unexpected,
                message: "it is not on timeline \(timeline) any more",
                server: leader.server
            )
        }
        for setting in [
            // What is written here is no application's, and is written again if a failover takes it.
            "synchronous_commit = local",
            // A key that can't be had is left, and the next one is tried.
            "lock_timeout = '3s'", "statement_timeout = '8s'",
            // A row that a policy hides is not one that is missing: better an error than a delete event for it.
            "row_security = off",
        ] {
            try connection.execute("set \(setting)", deadline: .after(timeout))
        }
        return RepairSession(role: try becomeReplica(connection), connection: connection)
    }

    private init(role: Role, connection: consuming Connection) {
        self.role = role
        self.connection = connection
    }

    /// Nothing changes, so no trigger shall do anything; not everybody may say so.
    private static func becomeReplica(_ connection: borrowing Connection) throws(PostgresError) -> Role {
        do throws(PostgresError) {
            try connection.execute("set session_replication_role = replica", deadline: .after(timeout))
            return .replica
        } catch {
            guard error.code == .server else { throw error }
            return .origin
        }
    }

    func table(_ name: DeadEvent.Table, publication: String?) throws(PostgresError) -> RepairTable {
        try RepairTable.load(
            name,
            publication: publication,
            role: role,
            connection,
            deadline: .after(Self.timeout)
        )
    }

    /// Which of these transactions, all of them begun before the fork, the leader has as committed.
    ///
    /// Its replay has set the next number after each of theirs, so none of them means another transaction; one whose
    /// commit it has not replayed it counts as aborted. Those that are too old to be known count as dead.
    func committed(_ transactions: Set<Int64>) throws(PostgresError) -> Set<Int64> {
        guard !transactions.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: transactions.count)
        for transaction in transactions { parameters.element(transaction) }
        parameters.finishArray()
        let answer = try connection.execute(
            """
            select short from (
                select short, case when short < next & 4294967295 then next >> 32 else (next >> 32) - 1 end as epoch
                from unnest($1::bigint[]) short,
                    (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint) now(next)
            ) numbered
            where case when epoch >= 0 then pg_xact_status(((epoch << 32) | short)::text::xid8) = 'committed' end
            """,
            parameters,
            deadline: .after(Self.timeout)
        )
        return Set((0..<answer.rowCount).compactMap { answer.integer($0, 0) })
    }

    /// Touches the row, or inserts and deletes it; a row that comes or goes meanwhile is tried again.
    ///
    /// - Returns: what became of the key, and why it was left; a statement that is refused is this key's matter alone.
    func put(
        right key: [DeadEvent.KeyPart],
        of table: RepairTable
    ) throws(PostgresError) -> (PhantomOutcome, String?) {
        if let refusal = table.refusal(of: key) { return (.left, refusal) }
        guard let touch = table.touch(key) else { return (.left, "the table has no column that can be set") }
        var parameters = Parameters()
        for part in key { parameters.append(part.text ?? "") }
        var reason = "the row came and went"
        for _ in 0..<5 {
            do throws(PostgresError) {
                if try run(touch, parameters) > 0 { return (.touched, nil) }
                if table.isFiltered, try isThere(key, of: table, parameters) {
                    return (.left, "the publication's filter leaves the row out: no event would follow")
                }
                try run("begin")
                let inserted = try run(table.insert(key), parameters)
                let deleted = inserted > 0 ? try run(table.delete(key), parameters) : 0
                guard deleted == inserted else {
                    try run("rollback")
                    return (
                        .left, "the publication's filter leaves a row of this key out: no event would follow"
                    )
                }
                try run("commit")
                if inserted > 0 { return (.deleted, nil) }
            } catch {
                // A lost session is everybody's matter.
                guard connection.isOpen, error.code == .server else { throw error }
                reason = "\(error)"
                try run("rollback")
                guard error.isTransient else { break }
            }
        }
        return (.left, reason)
    }

    private func isThere(
        _ key: [DeadEvent.KeyPart],
        of table: RepairTable,
        _ parameters: Parameters
    ) throws(PostgresError) -> Bool {
        try connection.execute(table.find(key), parameters, deadline: .after(Self.timeout)).rowCount > 0
    }

    @discardableResult
    private func run(
        _ statement: String,
        _ parameters: Parameters = Parameters()
    ) throws(PostgresError) -> Int {
        try connection.execute(statement, parameters, deadline: .after(Self.timeout)).affectedRowCount
    }

    /// Where the log is written to.
    func written() throws(PostgresError) -> String {
        try connection.execute("select pg_current_wal_lsn()", deadline: .after(Self.timeout)).text(0, 0)
            ?? "0/0"
    }

    /// Whether the slot has confirmed all before a place.
    func hasConfirmed(_ place: String, slot: String) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append(slot)
        parameters.append(place)
        let answer = try connection.execute(
            "select (confirmed_flush_lsn >= $2::pg_lsn)::int from pg_replication_slots where slot_name = $1",
            parameters,
            deadline: .after(Self.timeout)
        )
        return answer.rowCount == 1 && answer.integer(0, 0) == 1
    }
}
