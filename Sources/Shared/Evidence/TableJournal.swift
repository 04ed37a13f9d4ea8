import History
package import Model

/// The attempts on the rows of one table, with their outcomes.
package struct TableJournal: Sendable {
    /// Attempts of each row in the order in which they were invoked.
    package private(set) var attempts: [RowID: [Attempt]] = [:]
    /// Markers of the reader's, by row.
    package private(set) var fences: [RowID: [Fence]] = [:]
    /// Attempts that also left an event in the outbox.
    package private(set) var outboxTokens: Set<Token> = []
    /// The second row of an attempt that changes two, by its name.
    private var partners: [AttemptKey: RowID] = [:]
    private var places: [AttemptKey: Int] = [:]

    private struct AttemptKey: Hashable {
        var row: RowID
        var token: Token
    }

    /// Whether attempts stay whose outcome is known.
    private let keepsSettled: Bool

    package init(keepsSettled: Bool = true) {
        self.keepsSettled = keepsSettled
    }

    /// How many rows an attempt changes.
    package func width(of token: Token, at row: RowID) -> Int {
        partners[AttemptKey(row: row, token: token)] == nil ? 1 : 2
    }

    /// Takes an attempt, whose outcome is open until it is changed.
    mutating func invoke(
        _ attempt: HistoryLine.Attempt,
        on session: HistoryLine.Session,
        at moment: Moment
    ) {
        let token = attempt.name.token
        func attempted(from before: Token, _ effect: Attempt.Effect) -> Attempt {
            Attempt(
                token: token,
                previous: before,
                effect: effect,
                timeline: session.timeline,
                invoked: moment.monotonic,
                ended: nil,
                outcome: .open,
                worker: attempt.name.worker,
                node: session.node,
                invokedAt: moment.wall
            )
        }
        // Nearly all of them.
        guard let work = attempt.work else {
            return add(attempted(from: Token(attempt.previous), .update), to: RowID(attempt.name.id))
        }
        let changes = attempt.changes
        for change in changes {
            let effect: Attempt.Effect =
                change.before == nil ? .insert : change.after == nil ? .delete : .update
            add(attempted(from: Token(change.before ?? 0), effect), to: RowID(change.id))
        }
        if changes.count == 2 {
            let (first, second) = (RowID(changes[0].id), RowID(changes[1].id))
            partners[AttemptKey(row: first, token: token)] = second
            partners[AttemptKey(row: second, token: token)] = first
        }
        if work.operation == .outbox { outboxTokens.insert(token) }
    }

    private mutating func add(_ attempt: Attempt, to row: RowID) {
        places[AttemptKey(row: row, token: attempt.token)] = attempts[row]?.count ?? 0
        attempts[row, default: []].append(attempt)
    }

    /// Changes an attempt at each of its rows.
    ///
    /// - Returns: whether there is such an attempt.
    mutating func change(_ token: Token, at row: RowID, _ body: (inout Attempt) -> Void) -> Bool {
        guard changeOne(token, at: row, body) else { return false }
        if !partners.isEmpty, let other = partners[AttemptKey(row: row, token: token)] {
            _ = changeOne(token, at: other, body)
        }
        return true
    }

    private mutating func changeOne(_ token: Token, at row: RowID, _ body: (inout Attempt) -> Void) -> Bool {
        guard let place = places[AttemptKey(row: row, token: token)], attempts[row] != nil else {
            return false
        }
        body(&attempts[row, default: []][place])
        if !keepsSettled, attempts[row]?[place].isUnsettled == false { forget(place, of: row) }
        return true
    }

    /// Drops an attempt; of those that stay a row has one or two.
    private mutating func forget(_ place: Int, of row: RowID) {
        guard let gone = attempts[row]?.remove(at: place) else { return }
        places[AttemptKey(row: row, token: gone.token)] = nil
        for (place, attempt) in (attempts[row] ?? []).enumerated() {
            places[AttemptKey(row: row, token: attempt.token)] = place
        }
        if attempts[row]?.isEmpty == true { attempts[row] = nil }
    }

    /// Takes a marker that the reader wrote over a row's value.
    mutating func fence(_ fence: Fence, at row: RowID) {
        fences[row, default: []].append(fence)
    }

    /// Who put `value` into a row, as far as the history knows.
    package func origin(of value: Token, in row: RowID) -> ValueOrigin {
        if let fence = fences[row]?.last(where: { $0.token == value }) { return .fence(fence) }
        guard let tried = attempts[row], let first = tried.first else { return .unrecorded }
        if let place = places[AttemptKey(row: row, token: value)] { return .attempt(tried[place]) }
        // What the first attempt found stood there before this history; 0 is how a row begins.
        if value == 0 || value == first.previous { return .beforeHistory }
        return .foreign
    }

    /// What a row held before markers were put on it: a marker must not hide that a write under it is gone.
    package func valueBeforeFences(_ value: Token, of row: RowID) -> Token {
        guard let fences = fences[row] else { return value }
        var value = value
        for fence in fences.reversed() where fence.token == value {
            value = fence.previous
        }
        return value
    }

    /// How the attempts ended, each counted at one of its rows.
    package var counts: AttemptCounts {
        var counts = AttemptCounts()
        for (row, tried) in attempts {
            for attempt in tried {
                if !partners.isEmpty, let other = partners[AttemptKey(row: row, token: attempt.token)],
                    other < row
                {
                    continue
                }
                counts.count(attempt.outcome)
            }
        }
        return counts
    }
}

/// Where a value comes from.
package enum ValueOrigin: Sendable, Equatable {
    case attempt(Attempt)
    case fence(Fence)
    /// The row held it when the history began.
    case beforeHistory
    /// The history never touched the row: nothing is known about its values.
    case unrecorded
    /// Nobody wrote it.
    case foreign
}
