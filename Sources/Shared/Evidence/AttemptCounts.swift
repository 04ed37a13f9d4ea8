/// How many attempts ended how.
package struct AttemptCounts: Sendable, Equatable {
    package var ok = 0
    package var fail = 0
    /// Of unknown outcome, and not settled.
    package var info = 0
    package var settledOk = 0
    package var settledFail = 0
    /// Whose program ended before it wrote an outcome.
    package var open = 0

    package init() {}

    /// Attempts that the writer was told, or found out, to have happened.
    package var acknowledged: Int { ok + settledOk }

    /// Attempts that nobody answered, settled or not.
    package var unanswered: Int { info + settledOk + settledFail + open }

    mutating func count(_ outcome: Attempt.Outcome) {
        switch outcome {
        case .ok: ok += 1
        case .fail: fail += 1
        case .info: info += 1
        case .settledOk: settledOk += 1
        case .settledFail: settledFail += 1
        case .open: open += 1
        }
    }
}
