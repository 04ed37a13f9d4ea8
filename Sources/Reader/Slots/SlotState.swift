import Model
package import Postgres

/// A replication slot as the leader shows it (`pg_replication_slots`).
package struct SlotState: Sendable, Equatable {
    package var name: String
    package var isLogical: Bool
    package var isActive: Bool
    /// `reserved`, `extended`, `unreserved` or `lost`.
    package var walStatus: String?
    /// Whether it holds back the catalog's rows: a standby's has to before a logical slot there is safe.
    package var hasCatalogXmin: Bool
    /// Bytes of the log that the leader keeps for it.
    package var retainedBytes: Int64?
}

extension SlotState {
    private static let timeout: Duration = .seconds(30)

    /// The leader's slots that matter to the database of this session: its logical ones, and all physical ones.
    package static func all(_ connection: borrowing Connection) throws(PostgresError) -> [SlotState] {
        let result = try connection.execute(
            """
            select slot_name, (slot_type = 'logical')::int, active::int, wal_status,
                (catalog_xmin is not null)::int, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint
            from pg_catalog.pg_replication_slots
            where slot_type = 'physical' or database = current_database()
            order by slot_name
            """,
            deadline: .after(Self.timeout)
        )
        return (0..<result.rowCount).map { row in
            SlotState(
                name: result.text(row, 0) ?? "",
                isLogical: result.integer(row, 1) == 1,
                isActive: result.integer(row, 2) == 1,
                walStatus: result.text(row, 3),
                hasCatalogXmin: result.integer(row, 4) == 1,
                retainedBytes: result.integer(row, 5)
            )
        }
    }
}
