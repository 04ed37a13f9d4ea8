public import Model
import Threading

extension Connection {
    /// A new session, tried again and again until the deadline when the server is only away for a moment.
    ///
    /// Its `search_path` is pinned. Where `writable` is wanted, a server that only accepts reads counts as away.
    ///
    /// - Throws: `PostgresError` of the last attempt.
    public static func open(
        _ options: ConnectionOptions,
        writable: Bool,
        until deadline: Deadline
    ) throws(PostgresError) -> Connection {
        let pause = StopSignal()
        while true {
            do throws(PostgresError) {
                let attempt = Deadline(
                    monotonic: min(deadline.monotonic, Deadline.after(.seconds(5)).monotonic)
                )
                let connection = try Connection.open(options, pinned: .common, deadline: attempt)
                guard writable, !connection.acceptsWrites else { return connection }
                throw PostgresError.acceptsNoWrites(options.server)
            } catch {
                guard error.isConnectionFailure, !deadline.hasPassed else { throw error }
                pause.sleep(.milliseconds(200))
            }
        }
    }
}
