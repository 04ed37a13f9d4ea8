import Postgres

/// What to do about a failure of the destination.
enum Remedy: Hashable, Sendable {
    /// The records are to blame: the batch without one of them might be applied.
    case isolateRecord
    /// The same again on the same connection, after a pause.
    case retry
    /// The same again on a new connection, after a pause; whether the batch was applied is to be looked up.
    case reconnect
    /// A table or column is not there any more: the catalog must be read again.
    case rereadTables
    /// It concerns every record, and waiting does not mend it.
    case stop

    /// Whether waiting may mend it.
    var isPatience: Bool { self == .retry || self == .reconnect }
}

extension PostgresError {
    /// What the sink does about this failure.
    ///
    /// The classes are those of PostgreSQL's manual, appendix A. A server that is read-only is reconnected to:
    /// after a switchover that is what the former leader is, until the name leads to the new one.
    var remedy: Remedy {
        switch code {
        case .connectionLost, .timedOut: return .reconnect
        case .cannotConnect: return isConnectionFailure ? .reconnect : .stop
        case .unexpected, .refused: return .stop
        case .server:
            if isMessageTooLarge || isAllocationTooLarge { return .isolateRecord }
            if isConnectionFailure { return .reconnect }
            return sqlState.map { Self.remedies[$0.code] ?? Self.remedy(ofClass: $0.classCode) } ?? .stop
        }
    }

    private static func remedy(ofClass classCode: String) -> Remedy {
        switch classCode {
        // Triggered actions, cardinality, data, constraints, routines and triggers, check option, limits of the
        // server such as the size of an index entry, and what PL/pgSQL raises.
        case "09", "21", "22", "23", "27", "2F", "38", "39", "44", "54", "P0": return .isolateRecord
        // Rollbacks, resources such as disk and memory, operators, the system below, snapshots.
        case "40", "53", "57", "58", "72": return .retry
        default: return .stop
        }
    }

    /// Where a code differs from its class.
    private static let remedies: [String: Remedy] = [
        // The nesting of one value exhausts the server's stack: 54001. Columns and arguments are the table's.
        "54011": .stop, "54023": .stop,
        // A sequence that has come to its end gives none of the rows a number.
        "2200H": .stop,
        // A transaction that cannot be committed for what is in it.
        "40002": .isolateRecord,
        // Whether the server committed is unknown.
        "40003": .reconnect,
        // The server ended the session: idle in a transaction, too long a transaction, idle, database dropped.
        "25P03": .reconnect, "25P04": .reconnect, "57P05": .reconnect, "57P04": .reconnect,
        // Somebody holds a lock or uses the object.
        "55P03": .retry, "55006": .retry,
        "42P01": .rereadTables, "42703": .rereadTables,
    ]
}
