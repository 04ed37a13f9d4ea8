import CLibPQ
import Glibc
public import Model

/// libpq's pipeline mode: several statements in one go, their results in order, one round trip.
///
/// PostgreSQL manual, section 34.5. After a statement fails, the server skips the others up to the sync.
extension Connection {
    /// Enters pipeline mode; statements are then sent with `send` and ended with `finishPipeline`.
    public func startPipeline() throws(PostgresError) {
        guard PQenterPipelineMode(pointer) == 1 else { throw lost() }
    }

    /// Marks the end of the statements sent so far and pushes them out as far as the socket takes them.
    public func syncPipeline() throws(PostgresError) {
        guard PQpipelineSync(pointer) == 1 else { throw lost() }
        guard PQflush(pointer) >= 0 else { throw lost() }
    }

    /// Hands the socket more of what was sent, as long as the server takes it; a failure is reported by the next
    /// result.
    ///
    /// - Parameter patience: milliseconds to wait for the server to make room, each time; a server that is at work on
    ///   what it has takes nothing.
    public func pushOut(patience: Int32 = 0) {
        while PQflush(pointer) == 1 {
            var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLOUT), revents: 0)
            guard patience > 0, descriptor.fd >= 0, poll(&descriptor, 1, patience) > 0,
                Int32(descriptor.revents) & POLLOUT != 0
            else { return }
        }
    }

    /// Reads the results of all statements up to the sync and leaves pipeline mode.
    ///
    /// `body` is called with each statement's index and result while none has failed.
    ///
    /// - Returns: the first failure and the index of its statement, if there was one.
    /// - Throws: `PostgresError` when the connection was lost or the deadline passed.
    public func finishPipeline(
        deadline: Deadline,
        _ body: (Int, borrowing QueryResult) -> Void = { _, _ in }
    ) throws(PostgresError) -> (statement: Int, error: PostgresError)? {
        var statement = 0
        var failure: (statement: Int, error: PostgresError)? = nil
        reading: while true {
            guard let result = try nextResult(deadline) else {
                // Ends one statement's results; an unexpected end of all of them is a lost connection.
                guard isOpen else { throw failure?.error ?? lost() }
                statement += 1
                continue
            }
            if result.status == PGRES_PIPELINE_SYNC { break reading }
            if result.status == PGRES_PIPELINE_ABORTED { continue }
            if let error = result.error(server: server) {
                guard isOpen, error.code == .server else { throw failure?.error ?? error }
                failure = failure ?? (statement, error)
            } else if failure == nil {
                body(statement, result)
            }
        }
        guard PQexitPipelineMode(pointer) == 1 else { throw lost() }
        return failure
    }
}
