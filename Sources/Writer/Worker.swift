import Shared
import Synchronization

/// One thread with one connection and at most one write in flight; owns the rows id ≡ worker (mod workers).
struct Worker: ~Copyable {
    /// How long open doubts may keep a run from ending, in nanoseconds.
    static let drainLimit: UInt64 = 60_000_000_000

    let id: Int
    let run: LoadRun
    var rows: [Row]
    /// Places in `rows` of those that are read before they are written again.
    var doubtful: [Int] = []
    /// Writes to make again: they turned out not to have happened.
    var undone: [UndoneWrite] = []
    /// When the next try to settle them is due, in nanoseconds of the monotonic clock.
    var settlingIsDue: UInt64 = 0
    var backoff = Backoff()
    var generator: SeededGenerator
    private var schedule: Schedule
    /// The write that was begun and is neither acknowledged nor of unknown outcome: when it was meant to start.
    private var current: UInt64?
    /// When the request to end was seen.
    private var stopSeen: Moment?

    /// - Parameter rows: at least one.
    init(id: Int, run: LoadRun, rows: [Row], schedule: Schedule) {
        (self.id, self.run, self.rows, self.schedule) = (id, run, rows, schedule)
        generator = SeededGenerator(seed: run.seed, stream: id)
    }

    /// Writes until the end is requested, through any number of connections, then settles what is in doubt.
    ///
    /// - Returns: what stayed undone.
    /// - Throws: `WriterError` when something ended the run; then all other workers end too.
    mutating func work() throws(WriterError) -> Leftovers {
        do throws(WriterError) {
            while !isDone {
                if let session = try connect() { try use(session) }
            }
        } catch {
            run.endAtOnce()
            throw error
        }
        let end = stopSeen ?? .now()
        // A write that became due while the request to end was on its way to this thread was not missed.
        let due = end.monotonic - 100_000_000
        let isCurrentDue = schedule.rate != nil && current.map { $0 <= due } ?? false
        return Leftovers(
            end: end,
            openInfoCount: doubtful.count { rows[$0].doubt?.token != nil },
            backlogCount: schedule.backlogCount(now: due) + (isCurrentDue ? 1 : 0)
        )
    }

    private var isDone: Bool {
        mutating get {
            if run.abort.isRequested { return true }
            guard run.stop.isRequested else { return false }
            let now = Moment.now()
            let seen = stopSeen ?? now
            stopSeen = seen
            return (doubtful.isEmpty && undone.isEmpty) || now.monotonic - seen.monotonic > Self.drainLimit
        }
    }

    /// Waits as the backoff says, but not on into the end of the run.
    func pause(_ duration: Duration) {
        // While draining, the request to stop is already there: only the one to end at once cuts the wait short.
        (run.stop.isRequested ? run.abort : run.stop).sleep(duration)
    }

    /// Tries once to connect.
    private mutating func connect() throws(WriterError) -> WriterSession? {
        pause(backoff.next(using: &generator))
        guard !isDone else { return nil }
        do throws(PostgresError) {
            return try WriterSession.open(run.source)
        } catch {
            run.account.withLock { $0.connectFailed(at: .now(), cause: error.cause, message: error.message) }
            try recordDisconnect(.failed(error))
            if error.isPermanent { throw WriterError(error, user: run.source.user) }
            return nil
        }
    }

    /// Works on one session until it is of no more use, or the run ends.
    private mutating func use(_ session: borrowing WriterSession) throws(WriterError) {
        let identity = session.identity
        run.account.withLock { $0.connected(identity) }
        try run.record(.connect(worker: id, identity))
        while !isDone {
            if !doubtful.isEmpty, Moment.monotonicNow() >= settlingIsDue {
                guard try settle(on: session) else { return }
            }
            if let write = undone.last {
                let result = try attempt(write.place, intended: write.intended, on: session)
                if result.isOver { undone.removeLast() }
                guard result.isSessionUsable else { return }
                continue
            }
            if run.stop.isRequested {
                pause(.milliseconds(20))
                continue
            }
            guard let intended = nextStart(), let place = pickRow() else { continue }
            let result = try attempt(place, intended: intended, on: session)
            if result.isOver { current = nil }
            guard result.isSessionUsable else { return }
        }
    }

    /// What an attempt leaves to do.
    private struct AttemptResult {
        /// Whether the write is acknowledged or of unknown outcome: making it again would count it twice.
        var isOver: Bool
        var isSessionUsable: Bool
    }

    /// Waits until a write is due; `nil` when the end was requested meanwhile.
    private mutating func nextStart() -> UInt64? {
        if let current { return current }
        let intended = schedule.takeNext(now: Moment.monotonicNow())
        current = intended
        run.stop.sleep(until: Deadline(monotonic: intended))
        return run.stop.isRequested ? nil : intended
    }

    /// A row that is not in doubt; `nil` after a moment's wait when there is none.
    private mutating func pickRow() -> Int? {
        guard doubtful.count < rows.count else {
            pause(.milliseconds(20))
            return nil
        }
        while true {
            let place = Int.random(in: 0..<rows.count, using: &generator)
            if rows[place].doubt == nil { return place }
        }
    }

    /// Makes one attempt to write.
    private mutating func attempt(
        _ place: Int,
        intended: UInt64,
        on session: borrowing WriterSession
    ) throws(WriterError) -> AttemptResult {
        let (row, identity, token) = (rows[place], session.identity, run.tokens.next())
        let name = HistoryLine.AttemptName(worker: id, id: row.id, token: token)
        let began = Moment.now()
        try run.record(.invoke(.init(name: name, previous: row.value), identity), at: began)
        let (end, phase, notices) = session.attempt(id: row.id, from: row.value, to: token)
        let ended = Moment.now()
        let judgement = Judgement(of: end, in: phase, notices: notices)
        guard judgement.outcome != .ok else {
            let latency = (ended.monotonic - began.monotonic) / 1_000
            let late = (ended.monotonic - min(intended, ended.monotonic)) / 1_000
            // Recorded before it is counted: what the summary says is in the file.
            try run.record(.ok(name, latency: latency, intendedLatency: late), at: ended)
            run.account.withLock {
                $0.acknowledged(at: ended, on: identity, latency: latency, intendedLatency: late)
            }
            rows[place].value = token.rawValue
            backoff.reset()
            return AttemptResult(isOver: true, isSessionUsable: true)
        }
        let why = HistoryLine.Unacknowledged(end, phase: phase, notices: notices)
        try run.record(judgement.outcome == .info ? .info(name, why) : .fail(name, why), at: ended)
        run.account.withLock {
            $0.failed(judgement.outcome, at: ended, cause: why.sqlState ?? end.cause, message: why.reason)
        }
        if judgement.outcome == .info {
            doubt(place, Doubt(token: token, intended: intended, timeline: identity.timeline))
        } else if judgement.next == .reread {
            doubt(place, Doubt(token: nil, timeline: identity.timeline))
        }
        return AttemptResult(
            isOver: judgement.outcome == .info,
            isSessionUsable: try follow(judgement.next, after: end, phase: phase, on: session)
        )
    }

    /// Does what the judgement of a write that was not acknowledged asks for.
    private mutating func follow(
        _ next: NextStep,
        after end: AttemptEnd,
        phase: Phase,
        on session: borrowing WriterSession
    ) throws(WriterError) -> Bool {
        switch (next, end) {
        case (.stop, .failed(let error)): throw WriterError(error, user: run.source.user)
        case (.stop, _), (.reconnect, _):
            try recordDisconnect(end)
            return false
        case (.pause, _), (.proceed, _), (.reread, _):
            if phase == .statement {
                do throws(PostgresError) {
                    try session.rollBack()
                } catch {
                    try recordDisconnect(.failed(error))
                    return false
                }
            }
            if next == .pause { pause(backoff.next(using: &generator)) }
            return true
        }
    }

    private mutating func doubt(_ place: Int, _ doubt: Doubt) {
        rows[place].doubt = doubt
        doubtful.append(place)
    }

    /// Records that the session ended by a failure.
    func recordDisconnect(_ end: AttemptEnd) throws(WriterError) {
        let why = HistoryLine.Unacknowledged(end, phase: .statement, notices: [])
        try run.record(.disconnect(worker: id, sqlState: why.sqlState, reason: why.reason))
    }
}
