import Postgres

/// Why two tables could not be compared.
package struct CompareError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// The tables can't be compared as asked: exit code 2.
        case undecided
        /// A server is away: exit code 3.
        case unreachable
        /// What was asked for makes no sense for these tables: exit code 64.
        case usage
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    init(_ side: Side, _ error: PostgresError) {
        let isAway = error.isConnectionFailure || error.code == .cannotConnect
        self.init(isAway ? .unreachable : .undecided, "\(side): \(error)")
    }

    /// The process's exit code.
    package var exitCode: Int32 {
        switch kind {
        case .undecided: return 2
        case .unreachable: return 3
        case .usage: return 64
        }
    }
}

/// Which of the two tables.
enum Side: String, Sendable, CustomStringConvertible {
    case source, destination

    var description: String { rawValue }
}
