import Shared

/// Puts right what the events of a dead timeline have done to the destination, through the pipeline itself; blocking.
///
/// Each key's row is written again at the leader as it is; where there is no row, one is inserted and deleted in one
/// transaction. Debezium sends what it finds, and the sink applies it behind the phantom.
struct PhantomRepair: Sendable {
    /// The leader itself.
    var leader: ConnectionOptions
    var timeline: Timeline
    var slot: String
    var repair: GuardState.Repair
    var scan: PhantomScan
    var report: GuardReport
    var board: GuardBoard
    var stop: StopSignal

    private static let timeout: Duration = .seconds(10)

    /// Repairs all keys, and waits until the stream has passed.
    ///
    /// - Returns: false when it was stopped before; all that was done is done again then, which harms nobody.
    func run() throws(GuardError) -> Bool {
        let found = try onBroker { () throws(KafkaError) in try scan.find(repair, stop: stop) }
        guard !stop.isRequested else { return false }
        if found.undecodableCount > 0 {
            report.act(
                .refuse,
                "\(found.undecodableCount) records behind the fork are no change events that can be read: what they did to the destination is not looked at",
                timeline: timeline
            )
        }
        guard !found.events.isEmpty else { return true }
        let connection = try onLeader { () throws(PostgresError) in try connect() }
        let keys = found.keys(committed: try committed(found.doubtful, connection))
        guard !keys.isEmpty else { return true }
        var tables: [DeadEvent.Table: RepairTable] = [:]
        var counts: [PhantomOutcome: Int] = [:]
        for (table, key) in keys {
            guard !stop.isRequested else { return false }
            let description: RepairTable
            if let known = tables[table] {
                description = known
            } else {
                description = try onLeader { () throws(PostgresError) in
                    try RepairTable.load(table, connection, deadline: .after(Self.timeout))
                }
                tables[table] = description
            }
            let (outcome, reason) = try put(right: key, of: description, connection)
            counts[outcome, default: 0] += 1
            board.change { $0.phantoms[outcome, default: 0] += 1 }
            report.phantom(
                outcome,
                table: "\(table.schema).\(table.name)",
                key: DeadEvent.text(of: key),
                timeline: timeline,
                reason: reason
            )
        }
        try waitForStream(connection, keys.map { ($0.key, tables[$0.table]) })
        guard !stop.isRequested else { return false }
        let parts = PhantomOutcome.allCases.compactMap { outcome in counts[outcome].map { "\($0) \(outcome)" }
        }
        report.act(
            .repaired,
            "rows behind the fork: \(parts.joined(separator: ", "))",
            timeline: timeline,
            from: LSN(rawValue: repair.fork)
        )
        return true
    }

    /// Which of these transactions, all of them begun before the fork, the leader has as committed.
    ///
    /// Its replay has set the next number behind each of theirs, so none of them means another transaction; one whose
    /// commit it has not replayed it counts as aborted. Those that are too old to be known count as dead.
    private func committed(
        _ transactions: Set<Int64>,
        _ connection: borrowing Connection
    ) throws(GuardError) -> Set<Int64> {
        guard !transactions.isEmpty else { return [] }
        var parameters = Parameters()
        parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: transactions.count)
        for transaction in transactions { parameters.element(transaction) }
        parameters.finishArray()
        return try onLeader { () throws(PostgresError) in
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
    }

    private func connect() throws(PostgresError) -> Connection {
        let connection = try Connection.open(leader, deadline: .after(Self.timeout))
        let answer = try connection.execute(
            "select pg_walfile_name(pg_current_wal_lsn()), (current_setting('is_superuser') = 'on')::int",
            deadline: .after(Self.timeout)
        )
        guard answer.text(0, 0).flatMap({ Timeline(walFileName: $0) }) == timeline else {
            throw PostgresError(
                code: .unexpected,
                message: "it is not on timeline \(timeline) any more",
                server: leader.server
            )
        }
        try connection.execute("set synchronous_commit = local", deadline: .after(Self.timeout))
        try connection.execute("set lock_timeout = '3s'", deadline: .after(Self.timeout))
        if answer.integer(0, 1) == 1 {
            // Nothing changes, so no trigger shall do anything, and no foreign key be asked.
            try connection.execute("set session_replication_role = replica", deadline: .after(Self.timeout))
        }
        return connection
    }

    /// Touches the row, or inserts and deletes it; a row that comes or goes meanwhile is tried again.
    private func put(
        right key: [DeadEvent.KeyPart],
        of table: RepairTable,
        _ connection: borrowing Connection
    ) throws(GuardError) -> (PhantomOutcome, String?) {
        if let refusal = table.refusal(of: key) { return (.left, refusal) }
        guard let touch = table.touch(key) else { return (.left, "the table has no column that can be set") }
        var parameters = Parameters()
        for part in key { parameters.append(part.text ?? "") }
        var reason = "the row came and went"
        for _ in 0..<5 {
            do throws(PostgresError) {
                if try run(touch, parameters, connection) > 0 { return (.touched, nil) }
                try run("begin", Parameters(), connection)
                let inserted = try run(table.insert(key), parameters, connection)
                if inserted > 0 { try run(table.delete(key), parameters, connection) }
                try run("commit", Parameters(), connection)
                if inserted > 0 { return (.deleted, nil) }
            } catch {
                // A lost session is everybody's matter; a refused statement is this key's.
                guard connection.isOpen, error.code == .server else { throw GuardError(.leader, "\(error)") }
                reason = "\(error)"
                do throws(PostgresError) { try run("rollback", Parameters(), connection) } catch {
                    throw GuardError(.leader, "\(error)")
                }
                guard error.sqlState.map({ "\($0)" }) == "55P03" else { break }
            }
        }
        return (.left, reason)
    }

    @discardableResult
    private func run(
        _ statement: String,
        _ parameters: Parameters,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> Int {
        try connection.execute(statement, parameters, deadline: .after(Self.timeout)).affectedRowCount
    }

    /// Until the slot has confirmed all that was written here: before, another failover could take it away unseen.
    private func waitForStream(
        _ connection: borrowing Connection,
        _ keys: [(key: [DeadEvent.KeyPart], table: RepairTable?)]
    ) throws(GuardError) {
        var parameters = Parameters()
        parameters.append(slot)
        let target = try onLeader { () throws(PostgresError) -> String? in
            try connection.execute("select pg_current_wal_lsn()", deadline: .after(Self.timeout)).text(0, 0)
        }
        parameters.append(target ?? "0/0")
        // One event behind that place: on a quiet source the slot would not move past it otherwise.
        if let (key, table) = keys.last, let table { _ = try put(right: key, of: table, connection) }
        while !stop.isRequested {
            let isPast = try onLeader { () throws(PostgresError) -> Bool in
                let answer = try connection.execute(
                    "select (confirmed_flush_lsn >= $2::pg_lsn)::int from pg_replication_slots where slot_name = $1",
                    parameters,
                    deadline: .after(Self.timeout)
                )
                return answer.rowCount == 1 && answer.integer(0, 0) == 1
            }
            if isPast { return }
            stop.sleep(.milliseconds(500))
        }
    }
}
