package import Model

/// What the rows of the source say about the attempts of a history: what is lost, what is back, what is open.
///
/// `reader verify` and `writer history --check` both judge by this.
package struct TableJudgement: Sendable {
    /// An attempt at one of its rows.
    package struct Place: Sendable, Equatable {
        package var row: RowID
        package var attempt: Attempt
    }

    /// What became of the attempts whose outcome the writer did not know.
    package struct Settlement: Sendable, Equatable {
        /// Those that the writer settled by itself.
        package var settled = 0
        package var happened = 0
        package var didNot = 0
        /// Below a value that no attempt wrote.
        package var superseded = 0
        /// Their row is gone.
        package var undecided: [Place] = []
    }

    package private(set) var acknowledgedCount = 0
    /// Acknowledged writes that the source lost, by row, in their order.
    package private(set) var lost: [RowID: [Attempt]] = [:]
    /// Tokens of attempts that did not happen, or that the source lost: no row may hold them any more.
    package private(set) var dead = RowTokens()
    /// Attempts that certainly did not happen, and did.
    package private(set) var resurrected: [Place] = []
    /// Attempts of which one row has the change and the other has not.
    package private(set) var torn: [Place] = []
    /// What rows hold that no attempt wrote, under their markers.
    package private(set) var foreign: [(row: RowID, value: Token)] = []
    /// Rows that are gone although nobody deleted them.
    package private(set) var goneRows: [RowID] = []
    package private(set) var settlement = Settlement()
    /// Of the attempts with an event in the outbox those that happened.
    package private(set) var survivingOutbox: Set<Token> = []
    /// What each row holds.
    package let held: [RowID: Token]

    /// - Parameter held: what the rows hold; a row that is not in it does not exist.
    package init(_ journal: TableJournal, held: [RowID: Token]) {
        self.held = held
        var pairs = Pairs()
        var vanished: [(row: RowID, fate: RowFate)] = []
        for (row, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let fate = RowFate(attempts, fences: journal.fences[row] ?? [], held: held[row])
            if let value = fate.foreign { foreign.append((row, value)) }
            if fate.isGone { goneRows.append(row) }
            if fate.isVanished {
                vanished.append((row, fate))
            } else {
                take(row, attempts, fate, journal, &pairs)
            }
        }
        // A row that was made and went again looks like one that never was. Where another row's key changed to make it,
        // that row tells, and it comes before; a row that was inserted and deleted leaves nothing that could be lost.
        let creations = vanished.map { (journal.attempts[$0.row]?.first?.token ?? .least, $0) }
        for (creation, (row, made)) in creations.sorted(by: { $0.0 < $1.0 }) {
            var fate = made
            if journal.width(of: creation, at: row) > 1, !pairs.survives(creation) { fate.neverWas() }
            take(row, journal.attempts[row] ?? [], fate, journal, &pairs)
        }
        for (place, fates) in pairs.sorted {
            if Set(fates).count > 1, fates.contains(.surviving) {
                torn.append(place)
                if place.attempt.isAcknowledged { acknowledgedCount += 1 }
                if journal.outboxTokens.contains(place.attempt.token) {
                    survivingOutbox.insert(place.attempt.token)
                }
            } else {
                count(place, fates.first ?? .gone, journal)
            }
        }
        resurrected.sort { ($0.row, $0.attempt.token) < ($1.row, $1.attempt.token) }
    }

    private mutating func take(
        _ row: RowID,
        _ attempts: [Attempt],
        _ fate: RowFate,
        _ journal: TableJournal,
        _ pairs: inout Pairs
    ) {
        for (attempt, fate) in zip(attempts, fate.fates) {
            if journal.width(of: attempt.token, at: row) > 1 {
                pairs.add(Place(row: row, attempt: attempt), fate)
            } else {
                count(Place(row: row, attempt: attempt), fate, journal)
            }
        }
    }

    private mutating func count(_ place: Place, _ fate: RowFate.Fate, _ journal: TableJournal) {
        let (row, attempt) = (place.row, place.attempt)
        if attempt.isAcknowledged {
            acknowledgedCount += 1
            if fate == .gone { lost[row, default: []].append(attempt) }
        }
        if fate == .gone || attempt.isImpossible { dead.insert(attempt.token, of: row) }
        if attempt.isImpossible, fate == .surviving { resurrected.append(place) }
        if fate == .surviving, !journal.outboxTokens.isEmpty, journal.outboxTokens.contains(attempt.token) {
            survivingOutbox.insert(attempt.token)
        }
        switch attempt.outcome {
        case .settledOk, .settledFail: settlement.settled += 1
        case .open, .info:
            switch fate {
            case .surviving: settlement.happened += 1
            case .gone: settlement.didNot += 1
            case .unknown where held[row] == nil: settlement.undecided.append(place)
            case .unknown: settlement.superseded += 1
            }
        case .ok, .fail: break
        }
    }
}

/// Attempts that change two rows, with what became of them at each.
private struct Pairs {
    private var fates: [Token: (place: TableJudgement.Place, fates: [RowFate.Fate])] = [:]

    mutating func add(_ place: TableJudgement.Place, _ fate: RowFate.Fate) {
        fates[place.attempt.token, default: (place, [])].fates.append(fate)
    }

    func survives(_ token: Token) -> Bool {
        fates[token]?.fates.contains(.surviving) ?? false
    }

    var sorted: [(place: TableJudgement.Place, fates: [RowFate.Fate])] {
        fates.sorted { $0.key < $1.key }.map(\.value)
    }
}
