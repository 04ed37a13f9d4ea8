/// What went wrong between this program and one PostgreSQL server.
///
/// The text never holds row values or passwords; the server's `DETAIL`, which may quote values, is left out.
public struct PostgresError: Error, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// No session came about: nothing was sent.
        case cannotConnect
        /// The session ended without a word from the server.
        case connectionLost
        /// The deadline passed; the connection is no longer usable.
        case timedOut
        /// The server answered with an error.
        case server
        /// libpq or this program broke the protocol's rules, or an answer was not what it must be.
        case unexpected
        /// This program does not go on with what it found there; the message has the way out.
        case refused
    }

    public let code: Code
    /// The class of a server's error; for `cannotConnect` where the server gave one.
    public let sqlState: SQLState?
    /// The server's or libpq's primary message, on one line.
    public let message: String
    /// `host:port/database` as configured.
    public let server: String

    public init(code: Code, sqlState: SQLState? = nil, message: String, server: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.server = server
    }

    /// The error of a program that does not go on with what it found on a server.
    public static func refused(_ reason: String, _ server: String) -> PostgresError {
        PostgresError(code: .refused, message: reason, server: server)
    }

    /// The error of a server that does not accept writes: it would answer each with this SQLSTATE.
    public static func acceptsNoWrites(_ server: String) -> PostgresError {
        PostgresError(
            code: .cannotConnect,
            sqlState: .readOnlyTransaction,
            message: "the server is a standby or read-only",
            server: server
        )
    }

    public var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        switch code {
        case .cannotConnect: return "cannot connect to \(server): \(message)\(state)"
        case .connectionLost: return "connection to \(server) lost: \(message)\(state)"
        case .timedOut: return "no answer from \(server) in time: \(message)"
        case .server: return "\(server): \(message)\(state)"
        case .unexpected: return "\(server): unexpected: \(message)"
        case .refused: return "\(server): \(message)"
        }
    }

    /// Whether a new connection may work although this one failed: the server went away, starts, or is
    /// a standby now.
    public var isConnectionFailure: Bool {
        switch code {
        case .connectionLost, .timedOut: return true
        case .cannotConnect: return !isRefusedLogin
        case .server:
            if isMessageTooLarge { return false }
            switch sqlState {
            case .adminShutdown, .crashShutdown, .cannotConnectNow, .readOnlyTransaction,
                .tooManyConnections:
                return true
            default: return sqlState?.classCode == "08"
            }
        case .unexpected, .refused: return false
        }
    }

    /// Whether no session came about for a reason that waiting does not mend: a wrong password, no such database or
    /// role, no line of pg_hba.
    public var isRefusedLogin: Bool {
        code == .cannotConnect && ["28", "3D"].contains(sqlState?.classCode)
    }

    /// Whether the server ended the session because a message was larger than it reads.
    ///
    /// The SQLSTATE alone does not tell: poolers use it for almost all that they have to say.
    public var isMessageTooLarge: Bool {
        code == .server && sqlState == .protocolViolation
            && message.utf8.elementsEqual("invalid message length".utf8)
    }

    /// Whether a value or a row was larger than the server has memory for in one piece; it is never translated.
    public var isAllocationTooLarge: Bool {
        code == .server && sqlState == .internalError
            && message.utf8.starts(with: "invalid memory alloc request size ".utf8)
    }

    /// Whether the same transaction, sent again, may succeed on the same connection.
    public var isTransient: Bool {
        guard code == .server, let sqlState else { return false }
        return sqlState == .serializationFailure || sqlState == .deadlockDetected
            || ["53", "55"].contains(sqlState.classCode)
    }
}
