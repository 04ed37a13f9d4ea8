import History
import Model

/// What one worker has to do: its rows, what is in doubt about them, and when it writes which.
///
/// A state machine without I/O: it names one step, and is told what came of it. The worker carries out.
struct Worklist: Sendable {
    /// How long open doubts may keep a run from ending, in nanoseconds.
    static let drainLimit: UInt64 = 60_000_000_000
    /// From one try to settle what is in doubt to the next, in nanoseconds.
    static let settlingPause: UInt64 = 1_000_000_000
    /// How long a worker waits where nothing can be done yet.
    static let pause = Duration.milliseconds(20)

    enum Step: Sendable, Equatable {
        /// Read the rows in doubt.
        case settle
        /// Make an attempt to write.
        case attempt(Write)
        /// Wait until then, in nanoseconds of the monotonic clock: the next write is due.
        case sleep(until: UInt64)
        /// Wait for a moment: rows are in doubt.
        case pause
        /// All is done, or has to stay undone.
        case end
    }

    /// One write, from its first attempt until it is acknowledged or of unknown outcome.
    struct Write: Sendable, Equatable {
        var shape: Shape
        /// When it was meant to start.
        var intended: UInt64
        /// Its place among those that are made again; `nil` for one of the schedule.
        var undone: Int?
    }

    /// What was asked of the worker from outside.
    enum Request: Sendable, Equatable {
        case work
        /// Settle what is in doubt, and end.
        case drain
        case abort
    }

    /// What reading the rows of a doubt has shown.
    struct Conclusion: Sendable, Equatable {
        var settlement: Settlement
        /// The value of the row that the attempt is named for.
        var value: Int64?
        /// A row that is gone although nothing deletes rows: the run can't go on.
        var missing: Int64?
    }

    private let workload: Workload
    private(set) var rows: [Row]
    /// What is read before the rows that it is about are written again.
    private(set) var doubts: [Doubt] = []
    /// Writes to make again: they turned out not to have happened.
    private(set) var undone: [UndoneWrite] = []
    /// When the next try to settle them is due, in nanoseconds of the monotonic clock.
    private var settlingIsDue: UInt64 = 0
    var generator: SeededGenerator
    /// Places of rows that get nine of ten writes.
    private let hotPlaces: Range<Int>
    private var schedule: Schedule
    /// When the write that was begun, and is neither acknowledged nor of unknown outcome, was meant to start.
    private var current: UInt64?
    /// When the request to end was seen.
    private var stopSeen: Moment?

    /// - Parameters:
    ///   - rows: as many as the workload needs of its own, or more.
    ///   - hotKeyCount: how many rows of all workers get nine of ten writes; `nil` is none.
    init(
        _ workload: Workload,
        rows: [Row],
        schedule: Schedule,
        hotKeyCount: Int?,
        generator: SeededGenerator
    ) {
        (self.workload, self.rows, self.schedule) = (workload, rows, schedule)
        self.generator = generator
        // The rows are dealt out in turn: so are the hot ones.
        let hot = hotKeyCount.map {
            max(0, ($0 - schedule.worker + schedule.workerCount - 1) / schedule.workerCount)
        }
        hotPlaces = 0..<min(hot ?? 0, rows.count)
    }

    // MARK: The next step

    /// Whether there is nothing more to do.
    mutating func isDone(_ request: Request, at now: Moment) -> Bool {
        switch request {
        case .work: return false
        case .abort: return true
        case .drain:
            let seen = stopSeen ?? now
            stopSeen = seen
            return doubts.isEmpty && undone.isEmpty || now.monotonic - seen.monotonic > Self.drainLimit
        }
    }

    /// What is to be done on a session.
    ///
    /// A write that did not happen comes before new ones: what it left in a stream that had already read it is to be
    /// overwritten soon.
    mutating func next(_ request: Request, at now: Moment) -> Step {
        if isDone(request, at: now) { return .end }
        if !doubts.isEmpty, now.monotonic >= settlingIsDue { return .settle }
        if let index = undone.lastIndex(where: { $0.shape.places.allSatisfy { !rows[$0].isInDoubt } }) {
            let write = undone[index]
            return .attempt(Write(shape: write.shape, intended: write.intended, undone: index))
        }
        if request == .drain { return .pause }
        let intended = nextStart(at: now.monotonic)
        if intended > now.monotonic { return .sleep(until: intended) }
        guard let shape = pickShape() else { return .pause }
        return .attempt(Write(shape: shape, intended: intended))
    }

    /// When the write is due that comes next.
    private mutating func nextStart(at now: UInt64) -> UInt64 {
        if let current, current > now || !schedule.givesUp(current, now: now) { return current }
        let intended = schedule.takeNext(now: now)
        current = intended
        return intended
    }

    /// What to write next, to rows that are not in doubt; `nil` when there are too few.
    private mutating func pickShape() -> Shape? {
        let needed = workload.minimumRowsPerWorker
        // Each doubt holds two rows at most: only where that leaves too few they have to be counted.
        guard
            rows.count - 2 * doubts.count >= needed || rows.count(where: { !$0.isInDoubt }) >= needed
        else { return nil }
        let place = pickRow(otherThan: nil)
        let other = needed > 1 ? pickRow(otherThan: place) : nil
        return workload.shape(at: place, other: other, row: rows[place], using: &generator)
    }

    private mutating func pickRow(otherThan taken: Int?) -> Int {
        while true {
            let isHot = !hotPlaces.isEmpty && Int.random(in: 0..<10, using: &generator) < 9
            let place = Int.random(in: isHot ? hotPlaces : rows.indices, using: &generator)
            if !rows[place].isInDoubt, place != taken { return place }
        }
    }

    // MARK: What came of an attempt

    /// The write is acknowledged.
    mutating func acknowledged(_ write: Write, token: Token) {
        AttemptPlan.apply(write.shape, token: token, to: &rows)
        end(write)
    }

    /// The write is not acknowledged: it is made again where it is known not to have happened.
    mutating func failed(
        _ write: Write,
        _ attempt: HistoryLine.Attempt,
        _ judgement: Judgement,
        on session: HistoryLine.Session
    ) {
        let isOpen = judgement.outcome == .info
        if isOpen || judgement.next == .reread {
            for place in write.shape.places { rows[place].isInDoubt = true }
            doubts.append(
                Doubt(
                    attempt: attempt,
                    shape: write.shape,
                    isOpen: isOpen,
                    intended: write.intended,
                    session: session
                )
            )
        }
        // Made again, a write of unknown outcome would count twice.
        if isOpen { end(write) }
    }

    private mutating func end(_ write: Write) {
        if let index = write.undone { undone.remove(at: index) } else { current = nil }
    }

    // MARK: What the rows in doubt held

    /// What a doubt's rows held, read under locks on a leader that may tell; the doubt is over.
    ///
    /// - Parameter found: a key that is not in it has no row.
    mutating func conclude(_ doubt: Doubt, found: [Int64: Int64]) -> Conclusion {
        doubts.removeAll { $0.attempt.name.token == doubt.attempt.name.token }
        let settlement = Settlement(of: doubt, found: found)
        let name = doubt.attempt.name
        var conclusion = Conclusion(settlement: settlement, value: found[name.id])
        if settlement.didHappen == true {
            // With the token that the attempt had: what it left is what stands there, surprises aside.
            AttemptPlan.apply(doubt.shape, token: name.token, to: &rows)
        }
        for place in doubt.shape.places {
            rows[place].isInDoubt = false
            // A place without a row waits for an insert; its key never comes back.
            guard rows[place].value != nil || found[rows[place].id] != nil else { continue }
            rows[place].value = found[rows[place].id]
            if rows[place].value == nil, !workload.deletesRows { conclusion.missing = rows[place].id }
        }
        if settlement.didHappen == false, isPossible(doubt.shape) {
            undone.append(UndoneWrite(shape: doubt.shape, intended: doubt.intended))
        }
        return conclusion
    }

    /// All doubts that could be settled are: the others wait for the next try.
    mutating func endSettling(at now: UInt64) {
        settlingIsDue = now + Self.settlingPause
    }

    /// Whether an attempt of that shape makes sense with what the rows hold now.
    private func isPossible(_ shape: Shape) -> Bool {
        shape.places.allSatisfy { (rows[$0].value == nil) == (shape.operation == .insert) }
    }

    // MARK: The end

    /// What stays undone.
    func leftovers(at now: Moment) -> Leftovers {
        let end = stopSeen ?? now
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
}
