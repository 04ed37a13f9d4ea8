import Model
import Postgres
import Threading

/// The database that is written: how to reach it and how long to wait for it.
struct Source: Sendable {
    /// Connecting, asking and preparing together.
    let connectTimeout = Duration.seconds(3)
    /// Each message of an attempt and its answer.
    let timeout: Duration
    private let options: ConnectionOptions

    init(_ database: ConnectionOptions, timeout: Duration) {
        self.timeout = timeout
        var options = database.failingFast(as: "handover-writer")
        let milliseconds = timeout.nanoseconds / 1_000_000
        // In the startup message, because a SET would be a round trip of every reconnect.
        // - lock_timeout: a row that an abandoned backend still holds must not eat the whole deadline.
        // - idle_in_transaction_session_timeout: an abandoned backend must not hold it for ever.
        // - statement_timeout, also where the role has one: it would cancel a COMMIT that waits for its
        //   synchronous standby, and the server answers that with success.
        // - search_path: nobody's function or operator stands in for PostgreSQL's; the tables have their schema.
        let settings =
            "-c lock_timeout=\(milliseconds * 4 / 5) -c idle_in_transaction_session_timeout=\(milliseconds * 2)"
            + " -c statement_timeout=0 -c search_path=pg_catalog,pg_temp"
        options["options"] = [options["options"], settings].compactMap { $0 }.joined(separator: " ")
        self.options = options
    }

    /// The user as whom it connects, where the URL names one.
    var user: String? { options["user"] }

    /// Connects to a server that accepts writes.
    ///
    /// - Throws: `PostgresError`; SQLSTATE 25006 for a standby, to which a proxy may send us right after a failover.
    func connect(deadline: Deadline) throws(PostgresError) -> Connection {
        let connection = try Connection.open(options, deadline: deadline)
        guard connection.acceptsWrites else { throw .acceptsNoWrites(connection.server) }
        return connection
    }

    /// Runs `body` on a connection to a server that accepts writes; waits for one up to `patience`.
    ///
    /// - Parameters:
    ///   - report: told once a second at most what it waits for.
    ///   - body: may run more than once, on another connection each time.
    /// - Returns: what `body` returns, or `nil` when the end was requested.
    /// - Throws: `WriterError`, `unreachable` when no attempt succeeded in time.
    func whenReachable<R>(
        within patience: Duration,
        for workload: Workload,
        stop: StopSignal,
        report: (String) -> Void,
        _ body: (borrowing Connection) throws(PostgresError) -> R
    ) throws(WriterError) -> R? {
        let deadline = Deadline.after(patience)
        var generator = SeededGenerator(seed: Moment.monotonicNow(), stream: 0)
        var backoff = Backoff()
        var reported = Moment.monotonicNow()
        while !stop.isRequested {
            stop.sleep(backoff.next(using: &generator))
            do throws(PostgresError) {
                return try body(try connect(deadline: .after(connectTimeout)))
            } catch {
                if error.isPermanent { throw WriterError(error, user: user, workload: workload) }
                if deadline.hasPassed {
                    throw WriterError(
                        .unreachable,
                        "no server that accepts writes within \(patience): \(error)"
                    )
                }
                if Moment.monotonicNow() - reported > 1_000_000_000 {
                    reported = Moment.monotonicNow()
                    report("waiting for a server that accepts writes: \(error)")
                }
            }
        }
        return nil
    }
}
