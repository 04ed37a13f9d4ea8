import Access
import Model
import Postgres
import Tables
import Threading

/// Looks at the source once an interval: where its log ends, what the slot keeps, whether the table changes.
///
/// No row of the table is read.
struct SourceProbe: Sendable {
    var settings: PipelineSettings
    var slot: String?
    var period: Duration
    var board: WatchBoard
    var stop: StopSignal

    private static let statement = """
        select coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'local'),
            pg_walfile_name(pg_current_wal_lsn()), pg_current_wal_lsn()::text,
            pg_stat_get_tuples_inserted(to_regclass($1)) + pg_stat_get_tuples_updated(to_regclass($1))
                + pg_stat_get_tuples_deleted(to_regclass($1)),
            (slot_name is not null)::int, active::int, wal_status, restart_lsn::text, confirmed_flush_lsn::text,
            safe_wal_size
        from (select 1) one left join pg_catalog.pg_replication_slots on slot_name = $2
        """

    func run() {
        let probe = DatabaseProbe(
            part: .source,
            options: settings.source,
            period: period,
            board: board,
            stop: stop
        )
        probe.run(
            prepare: { connection throws(PostgresError) in
                try connection.prepare(
                    "look",
                    Self.statement,
                    types: [TypeOID.text, TypeOID.text],
                    deadline: .after(ValueFetch.timeout)
                )
            },
            ask: { connection throws(PostgresError) in
                var parameters = Parameters()
                parameters.append(settings.table.quoted)
                parameters.append(slot ?? "")
                let answer = try connection.execute(
                    prepared: "look",
                    parameters,
                    deadline: .after(ValueFetch.timeout)
                )
                guard let look = Self.look(answer) else {
                    throw PostgresError(
                        code: .unexpected,
                        message: "there is no table \(settings.table)",
                        server: connection.server
                    )
                }
                let time = Moment.monotonicNow()
                board.update { $0.take(look, at: time) }
            }
        )
    }

    private static func look(_ answer: borrowing QueryResult) -> SourceLook? {
        guard let node = answer.text(0, 0),
            let timeline = answer.text(0, 1).flatMap({ Timeline(walFileName: $0) }),
            let position = answer.text(0, 2).flatMap({ LSN($0) }), let changes = answer.integer(0, 3)
        else { return nil }
        var look = SourceLook(node: node, timeline: timeline, position: position, changes: changes)
        if answer.integer(0, 4) == 1 {
            look.slot = .init(
                isActive: answer.integer(0, 5) == 1,
                walStatus: answer.text(0, 6),
                restart: answer.text(0, 7).flatMap { LSN($0) },
                confirmed: answer.text(0, 8).flatMap { LSN($0) },
                safeBytes: answer.integer(0, 9)
            )
        }
        return look
    }
}
