import Shared

extension SlotState {
    /// The leader's slots that matter to the database of this session: its logical ones, and all physical ones.
    static func all(_ connection: borrowing Connection) throws(PostgresError) -> [SlotState] {
        let result = try connection.execute(
            """
            select slot_name, (slot_type = 'logical')::int, active::int, wal_status,
                (catalog_xmin is not null)::int, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint
            from pg_catalog.pg_replication_slots
            where slot_type = 'physical' or database = current_database()
            order by slot_name
            """,
            deadline: .after(TableReader.timeout)
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
