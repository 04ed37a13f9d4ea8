import Evidence
import History
import Model

/// A short history of attempts, for tables of tests.
struct Attempts {
    enum End {
        case ok, fail, info, settledOk, settledFail
        /// The program died before it wrote an outcome.
        case none
    }

    private(set) var lines: [HistoryLine] = []

    private static let session = HistoryLine.Session(node: "a:1", backendProcessID: 9, timeline: Timeline(1))

    /// Attempts on row 1 of `debezium_table`, each from a value to a token.
    init(_ attempts: (token: Token, previous: Token, end: End)...) {
        for attempt in attempts { update(1, attempt.token, from: attempt.previous, attempt.end) }
    }

    private mutating func add(_ event: HistoryLine.Event) {
        let now = UInt64(lines.count)
        lines.append(HistoryLine(event, at: Moment(monotonic: now * 1_000_000, wall: Int64(now) * 1_000)))
    }

    mutating func update(_ row: RowID, _ token: Token, from previous: Token, _ end: End) {
        attempt(row, token, from: previous, end)
    }

    mutating func attempt(
        _ row: RowID,
        _ token: Token,
        from previous: Token,
        _ end: End,
        work: HistoryLine.Work? = nil
    ) {
        let name = HistoryLine.AttemptName(worker: 0, id: row.rawValue, token: token)
        add(.invoke(.init(name: name, previous: previous.rawValue, work: work), Self.session))
        let why = HistoryLine.Unacknowledged(sqlState: "57P01", phase: .commit, reason: "gone")
        switch end {
        case .ok: add(.ok(name, latency: 1, intendedLatency: 1))
        case .fail: add(.fail(name, why))
        case .info: add(.info(name, why))
        case .settledOk, .settledFail:
            add(.info(name, why))
            add(.settled(name, didHappen: end == .settledOk, value: nil, Self.session))
        case .none: break
        }
    }

    mutating func fence(_ row: RowID, _ token: Token, over previous: Token) {
        add(.fence(id: row.rawValue, token: token, previous: previous.rawValue))
    }

    /// What the row's value says.
    func judged(_ held: [RowID: Token], table: String = HistoryLine.defaultTable) -> TableJudgement {
        let tables = Journal(lines, .allTables).tables
        return TableJudgement(tables.first { $0.name == table }?.journal ?? TableJournal(), held: held)
    }
}

extension TableJudgement {
    var lostTokens: [Token] { lost.sorted { $0.key < $1.key }.flatMap { $0.value.map(\.token) } }

    var isClean: Bool { goneRows.isEmpty && sourceChecks.allSatisfy { $0.status == .pass } }
}
