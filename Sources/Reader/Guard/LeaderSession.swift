import Shared

/// The guard's session on the leader: its lock, its table, and what it looks at; one thread uses it.
final class LeaderSession {
    /// The member's name in Patroni.
    let node: String
    private let connection: Connection
    private let connector: String
    private(set) var hasLock = false
    private var mayReadFiles = true

    private static let timeout: Duration = .seconds(3)

    /// What the leader says about itself.
    struct View: Sendable, Equatable {
        var timeline: Timeline
        var slot: GuardSituation.Slot
        /// What the table holds; `nil` where there is no table or no row.
        var state: GuardState?
        /// Where the log is written to.
        var written: LSN
        /// How much log the slot keeps back, in bytes.
        var retained: Int64?
    }

    /// Connects to the member itself, not through a proxy: the answers must be this node's.
    static func open(
        _ source: ConnectionOptions,
        member: ClusterState.Member,
        connector: String
    ) throws(PostgresError) -> LeaderSession {
        let connection = try Connection.open(
            source.reaching(member, as: "reader guard"),
            deadline: .after(timeout)
        )
        // What the guard writes must not wait for a standby: a lost line is written again on the next timeline.
        try connection.execute("set synchronous_commit = local", deadline: .after(timeout))
        return LeaderSession(node: member.name, connection: connection, connector: connector)
    }

    private init(node: String, connection: consuming Connection, connector: String) {
        self.node = node
        self.connection = connection
        self.connector = connector
    }

    /// Takes the lock if nobody has it; it is this session's until the session ends.
    func tryLock() throws(PostgresError) -> Bool {
        if hasLock { return true }
        var parameters = Parameters()
        parameters.append("handover guard \(connector)")
        let answer = try connection.execute(
            "select pg_try_advisory_lock(hashtextextended($1, 0))::int",
            parameters,
            deadline: .after(Self.timeout)
        )
        guard answer.integer(0, 0) == 1 else { return false }
        hasLock = true
        try connection.execute(
            """
            create table if not exists handover_guard (
                connector text primary key,
                state text not null,
                changed_at timestamptz not null default now()
            )
            """,
            deadline: .after(Self.timeout)
        )
        return true
    }

    /// Asks the leader; `nil` when it is none any more.
    func view(slot: String) throws(PostgresError) -> View? {
        var parameters = Parameters()
        parameters.append(slot)
        let answer = try connection.execute(
            """
            select pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn(), s.slot_name, s.wal_status,
                s.confirmed_flush_lsn, (r.pid is not null)::int,
                pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint,
                (to_regclass('handover_guard') is not null)::int
            from (select 1 where not pg_is_in_recovery()) leader
            left join pg_catalog.pg_replication_slots s on s.slot_name = $1
            left join pg_catalog.pg_stat_replication r on r.pid = s.active_pid
            """,
            parameters,
            deadline: .after(Self.timeout)
        )
        guard answer.rowCount == 1, let file = answer.text(0, 0), let timeline = Timeline(walFileName: file),
            let written = answer.text(0, 1).flatMap({ LSN($0) })
        else { return nil }
        let found: GuardSituation.Slot
        if answer.text(0, 2) == nil {
            found = .missing
        } else if answer.text(0, 3) == "lost" {
            found = .invalid
        } else if let confirmed = answer.text(0, 4).flatMap({ LSN($0) }) {
            found = .at(confirmed: confirmed, isStreaming: answer.integer(0, 5) == 1)
        } else {
            // A slot that is being made.
            found = .missing
        }
        return View(
            timeline: timeline,
            slot: found,
            state: answer.integer(0, 7) == 1 ? try storedState() : nil,
            written: written,
            retained: answer.integer(0, 6)
        )
    }

    /// Where each former timeline ended, by the leader's own file; `nil` where this user may not read it.
    func ends(before timeline: Timeline) throws(PostgresError) -> [Timeline: LSN]? {
        guard mayReadFiles else { return nil }
        let ends = try TimelineHistory.read(of: timeline, connection, deadline: .after(Self.timeout))
        mayReadFiles = ends != nil
        return ends
    }

    private func storedState() throws(PostgresError) -> GuardState? {
        var parameters = Parameters()
        parameters.append(connector)
        let answer = try connection.execute(
            "select state from handover_guard where connector = $1",
            parameters,
            deadline: .after(Self.timeout)
        )
        guard answer.rowCount == 1, let text = answer.text(0, 0) else { return nil }
        guard let state = GuardState(text: text) else {
            throw PostgresError(
                code: .unexpected,
                message: "table handover_guard has a row for \(connector) that this version can't read; "
                    + "use one version of the guard everywhere, or delete the row",
                server: connection.server
            )
        }
        return state
    }

    /// Writes what is known, if this node still leads that timeline.
    ///
    /// - Returns: false when it does not: nothing is written.
    func store(_ state: GuardState, on timeline: Timeline) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append(connector)
        parameters.append(state.text)
        parameters.append(Int64(timeline.rawValue))
        let answer = try connection.execute(
            """
            insert into handover_guard (connector, state)
            select $1, $2 where ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint = $3
            on conflict (connector) do update set state = excluded.state, changed_at = now()
            """,
            parameters,
            deadline: .after(Self.timeout)
        )
        return answer.affectedRowCount == 1
    }

    /// Makes the slot anew where it is missing or has lost its log, and tells where it begins.
    func makeSlot(_ slot: String, plugin: String) throws(PostgresError) -> LSN? {
        var parameters = Parameters()
        parameters.append(slot)
        try connection.execute(
            """
            select pg_drop_replication_slot(slot_name) from pg_replication_slots
            where slot_name = $1 and wal_status = 'lost'
            """,
            parameters,
            deadline: .after(.seconds(10))
        )
        parameters.append(plugin)
        try connection.execute(
            """
            select pg_create_logical_replication_slot($1, $2)
            where not exists (select from pg_replication_slots where slot_name = $1)
            """,
            parameters,
            deadline: .after(.seconds(30))
        )
        guard case .at(let confirmed, _) = try view(slot: slot)?.slot else { return nil }
        return confirmed
    }

    /// Asks Debezium through its signal table for an incremental snapshot of all tables of a publication.
    ///
    /// - Returns: the tables.
    func requestSnapshot(
        signals table: TableName,
        publication: String,
        id: String
    ) throws(PostgresError) -> [String] {
        var parameters = Parameters()
        parameters.append(publication)
        let answer = try connection.execute(
            "select schemaname || '.' || tablename from pg_publication_tables where pubname = $1 order by 1",
            parameters,
            deadline: .after(Self.timeout)
        )
        let tables = (0..<answer.rowCount).compactMap { answer.text($0, 0) }.filter {
            $0 != table.description
        }
        for (number, name) in tables.enumerated() {
            var parameters = Parameters()
            parameters.append("\(id)-\(number)")
            parameters.append("{\"data-collections\": [\"\(name)\"], \"type\": \"incremental\"}")
            try connection.execute(
                """
                insert into \(table.quoted) (id, type, data) values ($1, 'execute-snapshot', $2)
                on conflict do nothing
                """,
                parameters,
                deadline: .after(Self.timeout)
            )
        }
        return tables
    }
}

extension ConnectionOptions {
    /// The same user and database at a member itself, not through a proxy.
    func reaching(_ member: ClusterState.Member, as application: String) -> ConnectionOptions {
        var options = self
        options["host"] = member.host
        options["hostaddr"] = nil
        options["port"] = "\(member.port)"
        return options.failingFast(as: application)
    }
}
