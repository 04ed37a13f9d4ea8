import Model
import Postgres
import Tables

/// The part of the leader's log that the stream does not read.
///
/// Where Debezium holds a position from a dead timeline, it is sent nothing of what the new leader commits before
/// that position: no marker either. The log is then filled up to there, with a message in a transaction that is
/// rolled back: decoding drops it, so nothing of it reaches the stream.
struct WALShadow: Sendable {
    /// The furthest position that the stream is known to have reached, on whatever timeline.
    var end: LSN

    /// A stream this much ahead is not that of a fork of this cluster.
    static let limit: Int64 = 256 << 20
    /// What the last event's transaction may have written after it, heartbeats included.
    static let margin: Int64 = 256 << 10
    private static let chunk: Int64 = 1 << 20

    /// How much has to be written so that the next commit is after `end`; 0 where it is already, or too far.
    func missing(from insert: LSN) -> Int64 {
        guard end > insert else { return 0 }
        let bytes = Int64(clamping: end.rawValue - insert.rawValue)
        return bytes > Self.limit ? 0 : bytes + Self.margin
    }

    /// Fills the log of the leader that the connection leads to.
    ///
    /// - Returns: how many bytes were written.
    func pass(_ connection: borrowing Connection) throws(PostgresError) -> Int64 {
        let answer = try connection.execute(
            "select pg_current_wal_insert_lsn()",
            deadline: .after(TableReader.timeout)
        )
        guard let insert = answer.text(0, 0).flatMap({ LSN($0) }) else { return 0 }
        let missing = missing(from: insert)
        guard missing > 0 else { return 0 }
        try connection.execute("begin", deadline: .after(TableReader.timeout))
        var left = missing
        while left > 0 {
            let length = min(left, Self.chunk)
            try connection.execute(
                "select pg_logical_emit_message(true, 'handover', repeat('x', \(length)))",
                deadline: .after(TableReader.timeout)
            )
            left -= length
        }
        try connection.execute("rollback", deadline: .after(TableReader.timeout))
        return missing
    }
}
