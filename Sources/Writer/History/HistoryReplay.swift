import History
import Model

/// A history, replayed into the account that its runs had.
struct HistoryReplay: Sendable {
    private(set) var account = Account(rate: nil)
    private(set) var runs: [HistoryLine.Run] = []
    /// Attempts whose outcome nobody knows: `info` that was not settled, or the program died before the outcome.
    private(set) var open: [Int64: OpenAttempt] = [:]
    /// Nanoseconds from each run's begin to its last line, added up.
    private(set) var length: UInt64 = 0
    private(set) var faultCount = 0
    /// Everything that a check against the database needs; `nil` where none is wanted.
    private(set) var ledger: Ledger?

    private var runBegan: UInt64?
    private var lastMoment: Moment?
    private var sessions: [Int: HistoryLine.Session] = [:]

    struct OpenAttempt: Sendable, Equatable {
        var attempt: HistoryLine.Attempt
        var session: HistoryLine.Session
        /// Why it is open; `nil` where no outcome was written.
        var why: HistoryLine.Unacknowledged?
    }

    /// - Parameter keepsLedger: whether every attempt is kept, for a check.
    init(keepsLedger: Bool) {
        if keepsLedger { ledger = Ledger() }
    }

    /// The outage that was not over when the last run ended.
    var ongoing: Outage? { lastMoment.flatMap { account.ongoingOutage(at: $0) } }

    /// Takes the next line.
    mutating func replay(_ line: HistoryLine) {
        let now = line.moment
        switch line.event {
        case .run(let run):
            runs.append(run)
            runBegan = now.monotonic
            sessions = [:]
            account.begin(rate: run.rate == 0 ? nil : run.rate)
        case .connect(let worker, let session):
            sessions[worker] = session
            account.connected(session)
        case .disconnect(let worker, let sqlState, let reason, let cause):
            // The end of a session follows a failed attempt, which is counted; else a try to connect failed.
            guard sessions.removeValue(forKey: worker) == nil else { break }
            account.connectFailed(at: now, cause: sqlState ?? cause ?? "unknown", message: reason)
        case .invoke(let attempt, let session):
            open[attempt.name.token.rawValue] = OpenAttempt(attempt: attempt, session: session)
            ledger?.invoke(attempt)
        case .ok(let name, let latency, let intendedLatency):
            let token = name.token.rawValue
            ledger?.end(token, .ok)
            guard let attempt = open.removeValue(forKey: token) else { break }
            account.acknowledged(
                at: now,
                on: attempt.session,
                latency: latency,
                intendedLatency: intendedLatency
            )
        case .fail(let name, let why): end(name, .fail, why, at: now)
        case .info(let name, let why): end(name, .info, why, at: now)
        case .settled(let name, let didHappen, _, _):
            open[name.token.rawValue] = nil
            ledger?.end(name.token.rawValue, didHappen ? .ok : .fail)
            account.settled(didHappen: didHappen)
        case .observed: account.observed(1)
        case .fence(let id, let token, let previous):
            ledger?.fence(id: id, token: token.rawValue, previous: previous)
        case .fault(let fault): if fault.edge == .begin { faultCount += 1 }
        case .end, .restart, .rewind, .guardAct, .phantom, .lag, .unknown: break
        }
        note(line)
    }

    private mutating func end(
        _ name: HistoryLine.AttemptName,
        _ outcome: Outcome,
        _ why: HistoryLine.Unacknowledged,
        at now: Moment
    ) {
        let token = name.token.rawValue
        ledger?.end(token, outcome)
        if outcome == .info { open[token]?.why = why } else { open[token] = nil }
        account.failed(outcome, at: now, cause: why.sqlState ?? why.cause ?? "unknown", message: why.reason)
    }

    /// Only the writer's own lines tell how long it wrote.
    private mutating func note(_ line: HistoryLine) {
        switch line.event {
        case .ok, .fail, .info:
            if let began = runBegan {
                let since = max(began, lastMoment?.monotonic ?? began)
                length += line.moment.monotonic - min(since, line.moment.monotonic)
            }
            lastMoment = line.moment
        case .run: lastMoment = nil
        default: break
        }
    }
}
