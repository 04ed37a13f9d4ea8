import History
import Postgres

/// Why the writer ends otherwise than in order.
struct WriterError: Error, Sendable, CustomStringConvertible {
    enum Code: Int32, Sendable {
        /// Waiting does not mend it: the history cannot be written, a right or the table is missing.
        case stopped = 1
        /// No server that accepts writes was reached at the start.
        case unreachable = 3
    }

    let code: Code
    let description: String

    init(_ code: Code = .stopped, _ description: String) {
        (self.code, self.description) = (code, description)
    }

    /// A history that cannot be written ends the run: no write may be acknowledged and not recorded.
    init(_ error: HistoryError) {
        self.init(.stopped, "\(error); the run stops, because no write may be acknowledged and not recorded")
    }

    /// An error of the source that waiting does not mend, with what to do where that is known.
    init(_ error: PostgresError, user: String?, workload: Workload = .update) {
        let advice: String
        switch error.sqlState {
        case "42501": advice = "; it needs: \(workload.grants) to \(user ?? "the writer's user")"
        case .undefinedTable: advice = "; `writer init --workload \(workload)` makes the table"
        default: advice = ""
        }
        self.init(.stopped, "\(error)\(user.map { ", as user \($0)" } ?? "")\(advice)")
    }
}
