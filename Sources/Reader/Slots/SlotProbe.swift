package import Model
package import Postgres

/// Asks a server where decoding from a slot would be consistent, without moving the slot.
///
/// A temporary copy of the slot is read instead of it: decoding is a function of the log and of `restart_lsn`, which
/// both have, so the copy becomes consistent exactly where the slot would. It is read in fast-forward
/// (`pg_replication_slot_advance`): nothing is sent to a plugin and nothing is kept in memory or on disk, however large
/// the transactions are. The copy goes with the session.
package struct SlotProbe {
    /// A session of its own: what a deadline cuts off leaves the session unusable.
    private let server: ConnectionOptions
    private let slot: String

    /// For how long it may decode; whoever reads from the slot has to decode the same log first.
    private static let timeout: Duration = .seconds(120)
    private static let prompt: Duration = .seconds(3)

    /// - Parameter server: the leader, or a standby of PostgreSQL 16 and later.
    package init(server: ConnectionOptions, slot: String) {
        (self.server, self.slot) = (server, slot)
    }

    /// Whether decoding is consistent at or before a position.
    ///
    /// - Throws: `PostgresError` where asking again may help: a lost connection, a deadline.
    package func start(at position: LSN) throws(PostgresError) -> DecodingStart {
        let connection = try Connection.open(server, pinned: .common, deadline: .after(Self.prompt))
        guard let place = try SlotPlace.read(slot, connection, deadline: .after(Self.prompt)) else {
            return .unknown("there is no slot \(slot)")
        }
        if place.isSnapshotThere == true { return .warm(place.restart) }
        return try Self.refusal { () throws(PostgresError) in
            try decode(place, to: max(position, place.confirmed), connection)
        }
    }

    /// What can be said without a copy: on a standby before PostgreSQL 16, or where nothing may be written.
    package func look() throws(PostgresError) -> DecodingStart {
        let connection = try Connection.open(server, pinned: .common, deadline: .after(Self.prompt))
        guard let place = try SlotPlace.read(slot, connection, deadline: .after(Self.prompt)) else {
            return .unknown("there is no slot \(slot)")
        }
        switch place.isSnapshotThere {
        case true: return .warm(place.restart)
        case false: return .unknown("there is no snapshot of its restart_lsn \(place.restart)")
        case nil: return .unknown("its user may not list the snapshots: grant pg_monitor to it")
        }
    }

    private func decode(
        _ place: SlotPlace,
        to position: LSN,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> DecodingStart {
        let deadline = Deadline.after(Self.timeout + .seconds(5))
        // The server itself ends it: a backend that decodes does not notice that its client has gone.
        try connection.execute(
            "set statement_timeout = '\(Self.timeout.components.seconds)s'",
            deadline: deadline
        )
        // LOG is sent to a client that asks for it; later versions say some of it at DEBUG1 only.
        try connection.execute("set client_min_messages = debug1", deadline: deadline)
        let copy = "handover_probe_\(connection.backendProcessID)"
        var names = Parameters()
        names.append(slot)
        names.append(copy)
        try connection.execute(
            "select pg_copy_logical_replication_slot($1, $2, true)",
            names,
            deadline: deadline
        )
        // First as little as there is: most slots are consistent long before.
        var found = DecodingStart.cold
        for target in place.confirmed == position ? [position] : [place.confirmed, position] {
            _ = connection.takeNotices()
            var parameters = Parameters()
            parameters.append(copy)
            parameters.append(target.description)
            try connection.execute(
                "select pg_replication_slot_advance($1, $2::pg_lsn)",
                parameters,
                deadline: deadline
            )
            found = DecodingStart(connection.takeNotices(), restart: place.restart)
            guard found == .cold else { break }
        }
        return found
    }

    /// What the server refuses for good is an answer, not a failure.
    private static func refusal(
        _ ask: () throws(PostgresError) -> DecodingStart
    ) throws(PostgresError) -> DecodingStart {
        do throws(PostgresError) {
            return try ask()
        } catch {
            switch error.sqlState {
            case .insufficientPrivilege:
                return .unknown("its user needs the attribute REPLICATION (\(error.message))")
            case "53400": return .unknown("all replication slots are in use: raise max_replication_slots")
            case "57014": return .unknown("decoding takes longer than \(timeout.components.seconds) s")
            case "58P01", "55000": return .unknown(error.message)
            default: throw error
            }
        }
    }
}

/// Where a slot stands.
struct SlotPlace: Sendable, Equatable {
    var restart: LSN
    var confirmed: LSN
    /// Whether the server has a snapshot of `restart`; `nil` where this user may not see that.
    var isSnapshotThere: Bool?

    /// - Returns: `nil` where there is no such slot, or one that is being made.
    static func read(
        _ slot: String,
        _ connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> SlotPlace? {
        var parameters = Parameters()
        parameters.append(slot)
        let answer = try connection.execute(
            """
            select restart_lsn, confirmed_flush_lsn,
                coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_ls_logicalsnapdir()'), 'execute'),
                    false)::int
            from pg_catalog.pg_replication_slots where slot_name = $1
            """,
            parameters,
            deadline: deadline
        )
        guard answer.rowCount == 1, let restart = answer.text(0, 0).flatMap({ LSN($0) }),
            let confirmed = answer.text(0, 1).flatMap({ LSN($0) })
        else { return nil }
        var place = SlotPlace(restart: restart, confirmed: confirmed)
        guard answer.integer(0, 2) == 1 else { return place }
        var file = Parameters()
        file.append(restart.snapshotFile)
        let files = try connection.execute(
            "select count(*) from pg_catalog.pg_ls_logicalsnapdir() where name = $1",
            file,
            deadline: deadline
        )
        place.isSnapshotThere = files.integer(0, 0) == 1
        return place
    }
}
