import History
import Model
import Postgres
import Synchronization

extension Worker {
    /// Reads the rows in doubt, and goes on from what they hold.
    ///
    /// A row that is still locked, and one whose doubt arose on a later timeline than this server's, stay in
    /// doubt until the next try.
    ///
    /// - Returns: whether the session may be used further.
    mutating func settle(on session: borrowing WriterSession) throws(WriterError) -> Bool {
        let identity = session.identity
        var open: [Doubt] = []
        defer {
            doubts = open
            settlingIsDue = Moment.monotonicNow() + 1_000_000_000
        }
        for (index, doubt) in doubts.enumerated() {
            guard identity.timeline >= doubt.session.timeline else {
                // A leader that was deposed and does not know it yet: what it holds proves nothing.
                open += doubts[index...]
                try run.record(
                    .disconnect(
                        worker: id,
                        sqlState: nil,
                        reason: "timeline \(identity.timeline) is older than \(doubt.session.timeline)"
                    )
                )
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
                    open += doubts[index...]
                    try recordDisconnect(.failed(error))
                    return false
                }
                open.append(doubt)
                continue
            }
            switch rows {
            case .found(let found): try conclude(doubt, found: found, on: identity)
            case .undecided: open.append(doubt)
            }
        }
        return true
    }

    /// Records what the rows in doubt held.
    private mutating func conclude(
        _ doubt: Doubt,
        found: [Int64: Int64],
        on identity: HistoryLine.Session
    ) throws(WriterError) {
        let settlement = Settlement(of: doubt, found: found)
        let name = doubt.attempt.name
        if let didHappen = settlement.didHappen {
            try run.record(.settled(name, didHappen: didHappen, value: found[name.id], identity))
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
        if settlement.didHappen == true {
            // With the token that the attempt had: what it left is what stands there, surprises aside.
            AttemptPlan.apply(doubt.shape, token: name.token, to: &rows)
        }
        for place in doubt.shape.places {
            rows[place].isInDoubt = false
            // A place without a row waits for an insert; its key never comes back.
            guard rows[place].value != nil || found[rows[place].id] != nil else { continue }
            rows[place].value = found[rows[place].id]
            if rows[place].value == nil, !run.workload.deletesRows {
                throw WriterError(
                    .stopped,
                    "\(run.workload.table.qualifiedName) has no row \(rows[place].id) any more;"
                        + " `writer init` makes the rows that are missing"
                )
            }
        }
        if settlement.didHappen == false, isPossible(doubt.shape) {
            undone.append(UndoneWrite(shape: doubt.shape, intended: doubt.intended))
        }
    }

    /// Whether an attempt of that shape makes sense with what the rows hold now.
    private func isPossible(_ shape: Shape) -> Bool {
        shape.places.allSatisfy { (rows[$0].value == nil) == (shape.operation == .insert) }
    }
}

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
