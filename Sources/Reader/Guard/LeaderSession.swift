import Access
import Model
import Postgres
import Slots

/// The guard's session on the leader: its lock, its table, and what it looks at; one thread uses it.
final class LeaderSession {
    /// The member's name in Patroni.
    let node: String
    /// Where its PostgreSQL listens.
    let place: MemberAddress
    /// The database whose changes are captured.
    let database: String
    let connection: Connection
    private let connector: String
    private let table: ControlTable
    private(set) var hasLock = false
    /// The timeline that this node's table was seen to have as cleared.
    private(set) var known: Timeline?
    private var mayReadFiles = true

    static let timeout: Duration = .seconds(3)

    /// What the leader says about itself.
    struct View: Sendable, Equatable {
        var timeline: Timeline
        var slot: GuardSituation.Slot
        /// The server's process that reads the slot; `nil` where none does.
        var slotReader: Int32?
        /// `nil` where there is no slot.
        var slotKind: GuardState.SlotKind?
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
        at place: MemberAddress,
        _ node: String,
        connector: String,
        table: ControlTable
    ) throws(PostgresError) -> LeaderSession {
        let connection = try Connection.open(
            source.reaching(place, as: "reader guard"),
            pinned: .common,
            deadline: .after(timeout)
        )
        // What the guard writes must not wait for a standby: a lost line is written again on the next timeline.
        try connection.execute("set synchronous_commit = local", deadline: .after(timeout))
        let database = try connection.execute("select current_database()", deadline: .after(timeout))
        return LeaderSession(
            node: node,
            place: place,
            database: database.text(0, 0) ?? "",
            connection: connection,
            connector: connector,
            table: table
        )
    }

    /// The own address of the server that a URL leads to; `nil` for a Unix socket.
    static func address(of source: ConnectionOptions) throws(PostgresError) -> MemberAddress? {
        let connection = try Connection.open(
            source.failingFast(as: "reader guard"),
            pinned: .common,
            deadline: .after(timeout)
        )
        let answer = try connection.execute(
            "select host(inet_server_addr()), inet_server_port()",
            deadline: .after(timeout)
        )
        guard let host = answer.text(0, 0), let port = answer.integer(0, 1) else { return nil }
        return MemberAddress(host: host, port: Int(port))
    }

    private init(
        node: String,
        place: MemberAddress,
        database: String,
        connection: consuming Connection,
        connector: String,
        table: ControlTable
    ) {
        (self.node, self.place, self.database) = (node, place, database)
        self.connection = connection
        (self.connector, self.table) = (connector, table)
    }

    var isSuperuser: Bool { connection.isSuperuser }

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
        try makeTable()
        return true
    }

    /// A DBA may have made it: then the guard needs no right to make anything.
    func makeTable() throws(PostgresError) {
        try table.make(
            "connector text primary key, state text not null, changed_at timestamptz not null default now()",
            on: connection,
            deadline: .after(Self.timeout)
        )
    }

    /// Asks the leader; `nil` when it is none any more.
    func view(slot: String) throws(PostgresError) -> View? {
        var parameters = Parameters()
        parameters.append(slot)
        let answer = try connection.execute(
            """
            select pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn(), s.slot_name, s.wal_status,
                s.confirmed_flush_lsn, (r.pid is not null)::int,
                pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::bigint, s.active_pid,
                (to_jsonb(s) ->> 'two_phase')::boolean::int, (to_jsonb(s) ->> 'failover')::boolean::int
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
        let state = try storedState()
        if state?.clearedTimeline == timeline { known = timeline }
        return View(
            timeline: timeline,
            slot: found,
            slotReader: answer.integer(0, 7).map { Int32(truncatingIfNeeded: $0) },
            slotKind: answer.text(0, 2).map { _ in
                .init(isTwoPhase: answer.integer(0, 8) == 1, isFailover: answer.integer(0, 9) == 1)
            },
            state: state,
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

    /// What the table holds for the connector.
    ///
    /// - Throws: `PostgresError` with code `refused` for a table that must not be used, and where an earlier version has
    ///   left its state elsewhere: to begin anew would forget forks that are not put right.
    private func storedState() throws(PostgresError) -> GuardState? {
        let found = try table.usableState(on: connection, deadline: .after(Self.timeout))
        guard let text = try found.owner == nil ? nil : storedText() else {
            // Only a table that has nothing is asked whether an earlier version has something: each look comes by here.
            try table.refuseEarlier(
                "connector",
                of: connector,
                found,
                on: connection,
                deadline: .after(Self.timeout)
            )
            return nil
        }
        guard let state = GuardState(text: text) else {
            throw PostgresError(
                code: .unexpected,
                message: "table \(table.quoted) has a row for \(connector) that this version can't read; "
                    + "use one version of the guard everywhere, or delete the row",
                server: connection.server
            )
        }
        return state
    }

    private func storedText() throws(PostgresError) -> String? {
        var parameters = Parameters()
        parameters.append(connector)
        let answer = try connection.execute(
            "select state from \(table.quoted) where connector = $1",
            parameters,
            deadline: .after(Self.timeout)
        )
        return answer.rowCount == 1 ? answer.text(0, 0) : nil
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
            insert into \(table.quoted) (connector, state)
            select $1, $2 where ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint = $3
            on conflict (connector) do update set state = excluded.state, changed_at = now()
            """,
            parameters,
            deadline: .after(Self.timeout)
        )
        guard answer.affectedRowCount == 1 else { return false }
        if state.clearedTimeline == timeline { known = timeline }
        return true
    }
}
