import Logs
import Model
import Postgres
import Threading

/// The destination database as one lane sees it: a connection that is made anew when it is lost.
struct Destination: ~Copyable {
    /// How long the server may take for one answer.
    ///
    /// A lock held by somebody else is waited for that long, then the connection is made anew and the batch
    /// sent again.
    private static let answerTimeout = Duration.seconds(60)

    private let options: ConnectionOptions
    private let progress: ProgressTable
    private let deadLetters: DeadLetterTable?
    private let logger: Logger
    private var connection: Connection?
    private var backoff = Backoff()

    init(
        options: ConnectionOptions,
        progress: ProgressTable,
        deadLetters: DeadLetterTable?,
        logger: Logger
    ) {
        (self.options, self.progress, self.logger) = (options, progress, logger)
        self.deadLetters = deadLetters
    }

    /// Runs `body` with a connection; makes one if there is none.
    ///
    /// A connection that failed is dropped.
    ///
    ///
    /// Throws: `PostgresError`: of the connection or of `body`.
    mutating func withConnection<R: ~Copyable>(
        _ body: (borrowing Connection, Deadline) throws(PostgresError) -> R
    ) throws(PostgresError) -> R {
        let current: Connection
        if let open = connection.take() {
            current = open
        } else {
            current = try connect()
        }
        let result: R
        do throws(PostgresError) {
            result = try body(current, .after(Self.answerTimeout))
        } catch {
            // What the server refused leaves a usable session; anything else leaves one in an unknown state.
            if error.code == .server, error.remedy != .reconnect, current.isOpen {
                connection = consume current
            }
            throw error
        }
        connection = consume current
        return result
    }

    /// The server, as messages name it.
    var server: String { options.server }

    /// Hands the socket more of what was sent, as far as it takes it; a failure shows when the answer is read.
    func pushOut() {
        connection?.pushOut()
    }

    /// What is said of a user with too many rights.
    static let superuserWarning =
        "the destination's user is a superuser, and the sink needs much less: sql/roles.sql makes a role (docs/roles.md)"

    /// How long to wait before the next try, growing with each failure in a row.
    mutating func nextPause() -> Duration { backoff.next() }

    private mutating func connect() throws(PostgresError) -> Connection {
        let new = try Connection.open(options, deadline: .after(.seconds(5)))
        guard new.acceptsWrites else { throw .acceptsNoWrites(options.server) }
        try new.pin(.sink, deadline: .after(Self.answerTimeout))
        if try !PresenceLock(sink: progress.sink).hold(on: new, deadline: .after(Self.answerTimeout)) {
            logger.notice(
                "a pooler stands before the destination: sink reset may not see that this sink runs"
            )
        }
        try progress.create(on: new, deadline: .after(Self.answerTimeout))
        try deadLetters?.create(on: new, deadline: .after(Self.answerTimeout))
        backoff.reset()
        logger.info("connected to the destination", metadata: ["server": "\(options)"])
        if new.isSuperuser { logger.warning("\(Self.superuserWarning)", metadata: ["server": "\(options)"]) }
        if let limits = DatabaseEncoding(of: new).limits {
            logger.notice("the database is not in UTF8", metadata: ["reason": "\(limits)"])
        }
        return new
    }
}
