import Model
import Postgres

/// How a sink that runs is known at the destination.
///
/// Each of its sessions holds an advisory lock, shared, whose key is a hash of the sink's name. Who wants the sink to be
/// away takes it for himself.
///
/// The server gives it back when a session ends, however that ends. A lock of a session means nothing through a pooler
/// that hands sessions on, and would stay there: it is not taken where the server's process is not the one that the
/// connection was told of.
struct PresenceLock: Hashable {
    /// The key; a hash of the name's bytes (FNV-1a), the same in each version.
    let key: Int64

    init(sink: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "handover sink \(sink)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        key = Int64(bitPattern: hash)
    }

    /// Takes it for as long as the session lives.
    ///
    /// - Returns: false through a pooler, where it is not taken.
    /// - Throws: `PostgresError`; 55P03 while the progress is being reset.
    func hold(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append(key)
        parameters.append(connection.backendProcessID)
        let answer = try connection.execute(
            "select case when pg_backend_pid() = $2 then pg_try_advisory_lock_shared($1) end",
            parameters,
            deadline: deadline
        )
        switch answer.text(0, 0) {
        case "t": return true
        case nil: return false
        default:
            throw PostgresError(
                code: .server,
                sqlState: .lockNotAvailable,
                message: "the progress of this sink is being reset",
                server: connection.server
            )
        }
    }

    /// Takes it until the transaction ends, so that no sink of this name comes up meanwhile.
    ///
    /// - Returns: the server processes of those that hold it; none when it was taken.
    func exclude(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) -> [Int64] {
        var parameters = Parameters()
        parameters.append(key)
        let taken = try connection.execute(
            "select pg_try_advisory_xact_lock($1)",
            parameters,
            deadline: deadline
        )
        guard taken.text(0, 0) != "t" else { return [] }
        let holders = try connection.execute(
            """
            select distinct l.pid from pg_locks l join pg_database d on d.oid = l.database
            where l.locktype = 'advisory' and l.granted and d.datname = current_database() and l.objsubid = 1
                and l.classid::bigint = ($1 >> 32) & 4294967295 and l.objid::bigint = $1 & 4294967295
            order by 1
            """,
            parameters,
            deadline: deadline
        )
        return (0..<holders.rowCount).compactMap { holders.integer($0, 0) }
    }
}
