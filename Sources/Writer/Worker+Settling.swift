import Shared
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
        var open: [Int] = []
        defer {
            doubtful = open
            settlingIsDue = Moment.monotonicNow() + 1_000_000_000
        }
        for (index, place) in doubtful.enumerated() {
            guard let doubt = rows[place].doubt else { continue }
            guard identity.timeline >= doubt.timeline else {
                // A leader that was deposed and does not know it yet: what it holds proves nothing.
                open += doubtful[index...]
                try run.record(
                    .disconnect(
                        worker: id,
                        sqlState: nil,
                        reason: "timeline \(identity.timeline) is older than \(doubt.timeline)"
                    )
                )
                return false
            }
            let found: Int64?
            do throws(PostgresError) {
                found = try session.readLocked(id: rows[place].id)
            } catch {
                if error.isPermanent { throw WriterError(error, user: run.source.user) }
                guard error.code == .server, Judgement(of: .failed(error), in: .statement).next != .reconnect,
                    (try? session.rollBack()) != nil
                else {
                    open += doubtful[index...]
                    try recordDisconnect(.failed(error))
                    return false
                }
                open.append(place)
                continue
            }
            try conclude(place, doubt, found: found, on: identity)
        }
        return true
    }

    /// Records what a row in doubt held.
    private mutating func conclude(
        _ place: Int,
        _ doubt: Doubt,
        found: Int64?,
        on identity: HistoryLine.Session
    ) throws(WriterError) {
        let row = rows[place]
        let settlement = Settlement(of: doubt, expected: row.value, found: found)
        if let token = doubt.token, let didHappen = settlement.didHappen {
            let name = HistoryLine.AttemptName(worker: id, id: row.id, token: token)
            try run.record(.settled(name, didHappen: didHappen, value: found, identity))
            if !didHappen { undone.append(UndoneWrite(place: place, intended: doubt.intended)) }
        }
        if settlement.isSurprise {
            try run.record(.observed(worker: id, id: row.id, value: found, expected: row.value, identity))
        }
        run.account.withLock { $0.settled(settlement) }
        guard let found else {
            throw WriterError(
                .stopped,
                "\(SourceTable.name) has no row \(row.id) any more; `writer init` makes the rows that are missing"
            )
        }
        rows[place].value = found
        rows[place].doubt = nil
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
