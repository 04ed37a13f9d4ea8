import Model
import Postgres

/// What the guard does on the leader after a gap: a slot that is whole, and a snapshot of what was passed over.
extension LeaderSession {
    /// Makes the slot anew where it is missing or has lost its log, and tells where it begins.
    ///
    /// - Parameter replaces: also where it is there; a slot that is made is complete from where it begins.
    func makeSlot(
        _ slot: String,
        plugin: String,
        kind: GuardState.SlotKind,
        replaces: Bool
    ) throws(PostgresError) -> LSN? {
        var parameters = Parameters()
        parameters.append(slot)
        parameters.append(Int64(replaces ? 1 : 0))
        try connection.execute(
            """
            select pg_drop_replication_slot(slot_name) from pg_replication_slots
            where slot_name = $1 and (wal_status = 'lost' or $2 = 1)
            """,
            parameters,
            deadline: .after(.seconds(10))
        )
        parameters = Parameters()
        parameters.append(slot)
        parameters.append(plugin)
        // Before PostgreSQL 17 the function has no such parameter.
        let more = kind.isFailover && serverVersion >= 17 ? ", failover => true" : ""
        try connection.execute(
            """
            select pg_create_logical_replication_slot($1, $2, twophase => \(kind.isTwoPhase)\(more))
            where not exists (select from pg_replication_slots where slot_name = $1)
            """,
            parameters,
            deadline: .after(.seconds(30))
        )
        guard case .at(let confirmed, _) = try view(slot: slot)?.slot else { return nil }
        return confirmed
    }

    /// The server's major version, from `15.18 (Debian 15.18-0+deb12u1)` or `18beta1`.
    private var serverVersion: Int {
        let text = connection.parameterStatus("server_version") ?? ""
        return Int(String(decoding: text.utf8.prefix { (0x30...0x39).contains($0) }, as: UTF8.self)) ?? 0
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
