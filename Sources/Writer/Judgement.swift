import Model
import Postgres

/// How an attempt to write ended, as far as the client saw it.
enum AttemptEnd: Sendable {
    /// COMMIT was answered with this command tag.
    case answered(tag: String)
    /// UPDATE found no row with the expected value; COMMIT was not sent.
    case untouched
    /// The server's error, a lost connection, or a deadline.
    case failed(PostgresError)
}

/// What the worker does after an attempt.
enum NextStep: Sendable, Equatable {
    /// Goes on with the next attempt on the same connection.
    case proceed
    /// Waits, then goes on with the same connection: the server is short of something.
    case pause
    /// Reads the row first: it is not what the worker believed.
    case reread
    /// Drops the connection and opens another.
    case reconnect
    /// Ends the run: waiting does not mend this.
    case stop
}

/// What is known about an attempt and what follows: a pure function of what was seen.
struct Judgement: Sendable, Equatable {
    /// What is known about the attempt.
    var outcome: Outcome
    /// What the worker does next.
    var next: NextStep

    /// Judges an attempt.
    ///
    /// - Parameters:
    ///   - end: how it ended.
    ///   - phase: how far it had come; an answer of COMMIT is of phase `commit`.
    ///   - notices: what the server said between COMMIT and its answer.
    init(of end: AttemptEnd, in phase: Phase, notices: [Notice] = []) {
        // A wait for the synchronous standby that was given up is answered with a WARNING and with success:
        // the commit is on one node only. No other WARNING of COMMIT is known, so each one counts as this.
        let wasWarned = phase == .commit && notices.contains { $0.severity == "WARNING" }
        switch end {
        case .answered("COMMIT"): self.init(wasWarned ? .info : .ok, .proceed)
        // The server answers the COMMIT of a failed transaction with this and with no error.
        case .answered("ROLLBACK"): self.init(wasWarned ? .info : .fail, .proceed)
        case .answered: self.init(.info, .reconnect)
        case .untouched: self.init(.fail, .reread)
        case .failed(let error):
            self.init(of: error, in: phase)
            if wasWarned { outcome = .info }
        }
    }

    private init(_ outcome: Outcome, _ next: NextStep) {
        (self.outcome, self.next) = (outcome, next)
    }

    private init(of error: PostgresError, in phase: Phase) {
        let next = error.nextStep
        switch phase {
        case .connect: self.init(.fail, next == .proceed || next == .pause ? .reconnect : next)
        case .statement:
            // COMMIT was never sent, so the server can only roll back; 40003 says by its name that even the
            // server does not know.
            self.init(error.sqlState == .statementCompletionUnknown ? .info : .fail, next)
        case .commit: self.init(error.refusesCommit ? .fail : .info, next)
        }
    }
}

extension PostgresError {
    /// Whether neither waiting nor another connection mends this: a wrong password, a missing table or right.
    var isPermanent: Bool {
        isRefusedLogin || code == .server && sqlState != nil && nextStep == .stop
    }

    /// What this error asks for, whatever the phase.
    fileprivate var nextStep: NextStep {
        guard let sqlState, code == .server || code == .cannotConnect else { return .reconnect }
        if sqlState == .tooManyConnections { return .reconnect }
        switch sqlState.classCode {
        // 57014 is the end of one statement; the rest of its class is the end of the session or the server.
        case "57": return sqlState == .queryCanceled ? .proceed : .reconnect
        case "40": return sqlState == .statementCompletionUnknown ? .reconnect : .proceed
        // A lock that was not to be had is held by somebody: at once again would be a busy loop.
        case "53", "55", "58", "XX": return .pause
        // 25006 is what a session sees on a leader that was just demoted.
        // 26 is a pooler that gave away the server on which the statement was prepared.
        case "08", "25", "26": return .reconnect
        default: return .stop
        }
    }

    /// Whether the server said in answer to COMMIT that the transaction was rolled back.
    fileprivate var refusesCommit: Bool {
        guard code == .server, let sqlState else { return false }
        switch sqlState {
        case .serializationFailure, .deadlockDetected, .readOnlyTransaction, .queryCanceled: return true
        // Constraints and triggers that were deferred to COMMIT, and locks that these did not get.
        default: return ["22", "23", "42", "55", "P0"].contains(sqlState.classCode)
        }
    }

    /// A short name to count failures by: the SQLSTATE, or what happened where there is none.
    var cause: String {
        if let sqlState { return sqlState.code }
        switch code {
        case .cannotConnect: return "unreachable"
        case .connectionLost: return "connection-lost"
        case .timedOut: return "timed-out"
        case .server, .unexpected, .refused: return "unexpected"
        }
    }
}

extension SQLState {
    fileprivate static let queryCanceled: SQLState = "57014"
}
