import History
import Model
import Postgres
import Synchronization
import Threading

/// One thread with one connection and at most one write in flight; carries out what its worklist names.
struct Worker: ~Copyable {
    let id: Int
    let run: LoadRun
    private var backoff: Backoff
    var list: Worklist

    /// - Parameter rows: as many as the workload needs of its own, or more.
    init(id: Int, run: LoadRun, rows: [Row], schedule: Schedule) {
        (self.id, self.run) = (id, run)
        list = Worklist(
            run.workload,
            rows: rows,
            schedule: schedule,
            hotKeyCount: run.hotKeyCount,
            generator: SeededGenerator(seed: run.seed, stream: id)
        )
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
        return list.leftovers(at: .now())
    }

    private var request: Worklist.Request {
        if run.abort.isRequested { return .abort }
        return run.stop.isRequested ? .drain : .work
    }

    private var isDone: Bool {
        mutating get { list.isDone(request, at: .now()) }
    }

    /// Waits as the backoff says, but not on into the end of the run.
    private func pause(_ duration: Duration) {
        // While draining, the request to stop is already there: only the one to end at once cuts the wait short.
        (run.stop.isRequested ? run.abort : run.stop).sleep(duration)
    }

    // MARK: The session

    /// Tries once to connect.
    private mutating func connect() throws(WriterError) -> WriterSession? {
        pause(backoff.next(using: &list.generator))
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
        while true {
            switch list.next(request, at: .now()) {
            case .settle: guard try settle(on: session) else { return }
            case .attempt(let write): guard try attempt(write, on: session) else { return }
            case .sleep(let start): run.stop.sleep(until: Deadline(monotonic: start))
            case .pause: pause(Worklist.pause)
            case .end: return
            }
        }
    }

    /// Makes one attempt to write.
    ///
    /// - Returns: whether the session may be used further.
    private mutating func attempt(
        _ write: Worklist.Write,
        on session: borrowing WriterSession
    ) throws(WriterError) -> Bool {
        let identity = session.identity
        let plan = AttemptPlan(
            write.shape,
            of: run.workload,
            rows: list.rows,
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
            let late = (ended.monotonic - min(write.intended, ended.monotonic)) / 1_000
            // Recorded before it is counted: what the summary says is in the file.
            try run.record(.ok(name, latency: latency, intendedLatency: late), at: ended)
            run.account.withLock {
                $0.acknowledged(at: ended, on: identity, latency: latency, intendedLatency: late)
            }
            list.acknowledged(write, token: name.token)
            backoff.reset()
            return true
        }
        let why = HistoryLine.Unacknowledged(end, phase: phase, notices: notices)
        try run.record(judgement.outcome == .info ? .info(name, why) : .fail(name, why), at: ended)
        run.account.withLock {
            $0.failed(judgement.outcome, at: ended, cause: why.sqlState ?? end.cause, message: why.reason)
        }
        list.failed(write, plan.attempt, judgement, on: identity)
        return try follow(judgement.next, after: end, phase: phase, on: session)
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
            if next == .pause { pause(backoff.next(using: &list.generator)) }
            return true
        }
    }

    // MARK: What is in doubt

    /// Reads the rows in doubt, and goes on from what they hold.
    ///
    /// A row that is still locked, and one whose doubt arose on a later timeline than this server's, stay in
    /// doubt until the next try.
    ///
    /// - Returns: whether the session may be used further.
    private mutating func settle(on session: borrowing WriterSession) throws(WriterError) -> Bool {
        let identity = session.identity
        defer { list.endSettling(at: Moment.monotonicNow()) }
        for doubt in list.doubts {
            guard doubt.canBeSettled(on: identity) else {
                // A leader that was deposed and does not know it yet: what it holds proves nothing.
                let reason = "timeline \(identity.timeline) is older than \(doubt.session.timeline)"
                try run.record(.disconnect(worker: id, sqlState: nil, reason: reason))
                return false
            }
            let rows: LockedRows
            do throws(PostgresError) {
                rows = try session.readLocked(doubt)
            } catch {
                if error.isPermanent { throw self.error(error) }
                guard error.code == .server, Judgement(of: .failed(error), in: .statement).next != .reconnect,
                    (try? session.rollBack()) != nil
                else {
                    try recordDisconnect(.failed(error))
                    return false
                }
                continue
            }
            guard case .found(let found) = rows else { continue }
            try record(list.conclude(doubt, found: found), of: doubt, on: identity)
        }
        return true
    }

    /// Records what the rows in doubt held.
    private func record(
        _ conclusion: Worklist.Conclusion,
        of doubt: Doubt,
        on identity: HistoryLine.Session
    ) throws(WriterError) {
        let settlement = conclusion.settlement
        if let didHappen = settlement.didHappen {
            let name = doubt.attempt.name
            try run.record(.settled(name, didHappen: didHappen, value: conclusion.value, identity))
        }
        for surprise in settlement.surprises {
            try run.record(
                .observed(
                    worker: id,
                    id: surprise.id,
                    value: surprise.found,
                    expected: surprise.expected ?? 0,
                    identity
                )
            )
        }
        run.account.withLock { $0.settled(settlement) }
        guard let missing = conclusion.missing else { return }
        throw WriterError(
            .stopped,
            "\(run.workload.table.qualifiedName) has no row \(missing) any more;"
                + " `writer init` makes the rows that are missing"
        )
    }

    // MARK: Failures

    /// An error that ends the run, with what to do about it.
    private func error(_ error: PostgresError) -> WriterError {
        WriterError(error, user: run.source.user, workload: run.workload)
    }

    /// Records that the session ended by a failure.
    private func recordDisconnect(_ end: AttemptEnd) throws(WriterError) {
        let why = HistoryLine.Unacknowledged(end, phase: .statement, notices: [])
        try run.record(
            .disconnect(worker: id, sqlState: why.sqlState, reason: why.reason, cause: why.cause)
        )
    }
}
