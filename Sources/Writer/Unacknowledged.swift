import History
import Model
import Postgres

extension HistoryLine.Unacknowledged {
    /// Why an attempt was not acknowledged, in the history's words.
    init(_ end: AttemptEnd, phase: Phase, notices: [Notice]) {
        let warning = phase == .commit ? notices.first { $0.severity == "WARNING" } : nil
        switch end {
        case .answered(let tag):
            self.init(
                sqlState: warning?.sqlState.code,
                phase: phase,
                reason: warning?.message ?? "commit answered \(tag)"
            )
        case .untouched:
            self.init(
                sqlState: nil,
                phase: phase,
                reason: "the row holds another value than the expected one"
            )
        case .failed(let error):
            let state = error.sqlState ?? warning?.sqlState
            let reason = warning.map { "\($0.message); \(error)" } ?? error.description
            self.init(sqlState: state?.code, phase: phase, reason: reason)
        }
        if sqlState == nil { cause = end.cause }
    }
}

extension AttemptEnd {
    /// A short name to count by where there is no SQLSTATE.
    var cause: String {
        switch self {
        case .answered: return "answered"
        case .untouched: return "other-value"
        case .failed(let error): return error.cause
        }
    }
}
