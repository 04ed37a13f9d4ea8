import Evidence
import History
import Model

/// A history, replayed into the account that its runs had.
///
/// What became of each attempt the journal says, by which every verdict judges.
struct HistoryReplay: Sendable {
    private(set) var account = Account(rate: nil)
    private(set) var journal: Journal
    private(set) var runs: [HistoryLine.Run] = []
    /// Nanoseconds from each run's begin to its last line, added up.
    private(set) var length: UInt64 = 0

    private var runBegan: UInt64?
    private var lastMoment: Moment?
    private var sessions: [Int: HistoryLine.Session] = [:]
    /// Where each worker made its last attempt.
    private var places: [Int: HistoryLine.Session] = [:]

    /// An attempt of unknown outcome: `info` that was not settled, or the program died before the outcome.
    struct OpenAttempt: Sendable, Equatable {
        var table: String
        var row: RowID
        var attempt: Attempt
    }

    /// - Parameter keepsAll: whether attempts are kept whose outcome is known, for a check.
    init(keepsAll: Bool) {
        journal = Journal(keepsAll ? .allTables : .unsettled)
    }

    /// The outage that was not over when the last run ended.
    var ongoing: Outage? { lastMoment.flatMap { account.ongoingOutage(at: $0) } }

    /// Attempts whose outcome nobody knows, in the order of their tokens; one that changes two rows is at the first.
    var open: [OpenAttempt] {
        var open: [Token: OpenAttempt] = [:]
        for (table, rows) in journal.tables {
            for (row, attempts) in rows.attempts {
                for attempt in attempts where attempt.isUnsettled && row <= open[attempt.token]?.row ?? row {
                    open[attempt.token] = OpenAttempt(table: table, row: row, attempt: attempt)
                }
            }
        }
        return open.values.sorted { $0.attempt.token < $1.attempt.token }
    }

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
        case .invoke(let attempt, let session): places[attempt.name.worker] = session
        case .ok(let name, let latency, let intendedLatency):
            guard let session = places[name.worker] else { break }
            account.acknowledged(at: now, on: session, latency: latency, intendedLatency: intendedLatency)
        case .fail(_, let why): end(.fail, why, at: now)
        case .info(_, let why): end(.info, why, at: now)
        case .settled(_, let didHappen, _, _): account.settled(didHappen: didHappen)
        case .observed: account.observed(1)
        case .fence, .fault, .end, .restart, .rewind, .guardAct, .phantom, .lag, .unknown: break
        }
        journal.replay(line)
        note(line)
    }

    private mutating func end(_ outcome: Outcome, _ why: HistoryLine.Unacknowledged, at now: Moment) {
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
