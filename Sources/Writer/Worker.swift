import History
import Model
import Postgres
import Synchronization
import Threading

/// One thread with one connection and at most one write in flight; owns its rows alone.
struct Worker: ~Copyable {
    /// How long open doubts may keep a run from ending, in nanoseconds.
    static let drainLimit: UInt64 = 60_000_000_000

    let id: Int
    let run: LoadRun
    var rows: [Row]
    /// What is read before the rows that it is about are written again.
    var doubts: [Doubt] = []
    /// Writes to make again: they turned out not to have happened.
    var undone: [UndoneWrite] = []
    /// When the next try to settle them is due, in nanoseconds of the monotonic clock.
    var settlingIsDue: UInt64 = 0
    var backoff: Backoff
    var generator: SeededGenerator
    /// Places of rows that get nine of ten writes.
    private let hotPlaces: Range<Int>
    private var schedule: Schedule
    /// When the write that was begun, and is neither acknowledged nor of unknown outcome, was meant to start.
    private var current: UInt64?
    /// When the request to end was seen.
    private var stopSeen: Moment?

    /// - Parameter rows: as many as the workload needs of its own, or more.
    init(id: Int, run: LoadRun, rows: [Row], schedule: Schedule) {
        (self.id, self.run, self.rows, self.schedule) = (id, run, rows, schedule)
        // The rows are dealt out in turn: so are the hot ones.
        let hot = run.hotKeyCount.map { max(0, ($0 - id + schedule.workerCount - 1) / schedule.workerCount) }
        hotPlaces = 0..<min(hot ?? 0, rows.count)
        generator = SeededGenerator(seed: run.seed, stream: id)
        // All workers together knock about twenty times a second: few of them need not wait long, and many are no
        // storm.
        backoff = Backoff(cap: .milliseconds(min(1_000, 100 * schedule.workerCount)))
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
            openInfoCount: doubts.count { $0.isOpen },
            backlogCount: schedule.backlogCount(now: due) + (isCurrentDue ? 1 : 0),
            missedCount: schedule.missedCount
        )
    }

    private var isDone: Bool {
        mutating get {
            if run.abort.isRequested { return true }
            guard run.stop.isRequested else { return false }
            let now = Moment.now()
            let seen = stopSeen ?? now
            stopSeen = seen
            return (doubts.isEmpty && undone.isEmpty) || now.monotonic - seen.monotonic > Self.drainLimit
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
            return try WriterSession.open(
                run.source,
                for: run.workload,
                isPipelined: run.isPipelined
            )
        } catch {
            run.account.withLock { $0.connectFailed(at: .now(), cause: error.cause, message: error.message) }
            try recordDisconnect(.failed(error))
            if error.isPermanent { throw self.error(error) }
            return nil
        }
    }

    /// Works on one session until it is of no more use, or the run ends.
    private mutating func use(_ session: borrowing WriterSession) throws(WriterError) {
        let identity = session.identity
        run.account.withLock { $0.connected(identity) }
        try run.record(.connect(worker: id, identity))
        while !isDone {
            if !doubts.isEmpty, Moment.monotonicNow() >= settlingIsDue {
                guard try settle(on: session) else { return }
            }
            if let index = undone.lastIndex(where: { $0.shape.places.allSatisfy { !rows[$0].isInDoubt } }) {
                let write = undone[index]
                let result = try attempt(write.shape, intended: write.intended, on: session)
                if result.isOver { undone.remove(at: index) }
                guard result.isSessionUsable else { return }
                continue
            }
            if run.stop.isRequested {
                pause(.milliseconds(20))
                continue
            }
            guard let intended = nextStart(), let shape = pickShape() else { continue }
            let result = try attempt(shape, intended: intended, on: session)
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
        let now = Moment.monotonicNow()
        if let current, !schedule.givesUp(current, now: now) { return current }
        let intended = schedule.takeNext(now: now)
        current = intended
        run.stop.sleep(until: Deadline(monotonic: intended))
        return run.stop.isRequested ? nil : intended
    }

    /// What to write next, to rows that are not in doubt; `nil` after a moment's wait when there are too few.
    private mutating func pickShape() -> Shape? {
        let needed = run.workload.minimumRowsPerWorker
        // Each doubt holds two rows at most: only where that leaves too few they have to be counted.
        guard
            rows.count - 2 * doubts.count >= needed || rows.count(where: { !$0.isInDoubt }) >= needed
        else {
            pause(.milliseconds(20))
            return nil
        }
        let place = pickRow(otherThan: nil)
        let other = needed > 1 ? pickRow(otherThan: place) : nil
        return run.workload.shape(at: place, other: other, row: rows[place], using: &generator)
    }

    private mutating func pickRow(otherThan taken: Int?) -> Int {
        while true {
            let isHot = !hotPlaces.isEmpty && Int.random(in: 0..<10, using: &generator) < 9
            let place = Int.random(in: isHot ? hotPlaces : rows.indices, using: &generator)
            if !rows[place].isInDoubt, place != taken { return place }
        }
    }

    /// Makes one attempt to write.
    private mutating func attempt(
        _ shape: Shape,
        intended: UInt64,
        on session: borrowing WriterSession
    ) throws(WriterError) -> AttemptResult {
        let identity = session.identity
        let plan = AttemptPlan(
            shape,
            of: run.workload,
            rows: rows,
            worker: id,
            token: run.tokens.next(),
            bodySize: run.valueSize
        )
        let name = plan.attempt.name
        let began = Moment.now()
        try run.record(.invoke(plan.attempt, identity), at: began)
        let (end, phase, notices) = session.attempt(plan)
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
            AttemptPlan.apply(shape, token: name.token, to: &rows)
            backoff.reset()
            return AttemptResult(isOver: true, isSessionUsable: true)
        }
        let why = HistoryLine.Unacknowledged(end, phase: phase, notices: notices)
        try run.record(judgement.outcome == .info ? .info(name, why) : .fail(name, why), at: ended)
        run.account.withLock {
            $0.failed(judgement.outcome, at: ended, cause: why.sqlState ?? end.cause, message: why.reason)
        }
        if judgement.outcome == .info || judgement.next == .reread {
            for place in shape.places { rows[place].isInDoubt = true }
            doubts.append(
                Doubt(
                    attempt: plan.attempt,
                    shape: shape,
                    isOpen: judgement.outcome == .info,
                    intended: intended,
                    session: identity
                )
            )
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
        case (.stop, .failed(let error)): throw self.error(error)
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

    /// An error that ends the run, with what to do about it.
    func error(_ error: PostgresError) -> WriterError {
        WriterError(error, user: run.source.user, workload: run.workload)
    }

    /// Records that the session ended by a failure.
    func recordDisconnect(_ end: AttemptEnd) throws(WriterError) {
        let why = HistoryLine.Unacknowledged(end, phase: .statement, notices: [])
        try run.record(
            .disconnect(worker: id, sqlState: why.sqlState, reason: why.reason, cause: why.cause)
        )
    }
}
