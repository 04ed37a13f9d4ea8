import Evidence
import History
import Model

/// What the source's tables say about a history, by the checks of every verdict; without a database.
struct SourceFindings: Sendable {
    /// One table's rows, judged.
    struct Table: Sendable {
        var name: String
        var judgement: TableJudgement
    }

    private(set) var tables: [Table]

    /// - Parameter values: what the rows of each table of the history hold.
    init(_ journal: Journal, values: [String: [RowID: Token]]) {
        tables = journal.tables.map { name, rows in
            Table(name: name, judgement: TableJudgement(rows, held: values[name] ?? [:]))
        }
    }

    /// Of the attempts with an event in the outbox those that happened.
    var survivingOutbox: Set<Token> {
        tables.reduce(into: []) { $0.formUnion($1.judgement.survivingOutbox) }
    }

    /// All checks of all tables; the name says the table where it is not the pipeline's.
    var checks: [CheckResult] {
        tables.flatMap { table in
            table.judgement.sourceChecks.map { check in
                var check = check
                if table.name != HistoryLine.defaultTable { check.name += " (\(table.name))" }
                return check
            }
        }
    }

    /// Whether the source holds what the history says.
    var isClean: Bool {
        tables.allSatisfy { table in
            table.judgement.goneRows.isEmpty && table.judgement.sourceChecks.allSatisfy { $0.status == .pass }
        }
    }

    /// What was found, by its name in the report for programs.
    var counts: [(name: String, count: Int)] {
        func sum(_ count: (TableJudgement) -> Int) -> Int { tables.reduce(0) { $0 + count($1.judgement) } }
        return [
            ("acknowledged", sum(\.acknowledgedCount)),
            ("lost", sum { $0.lost.values.reduce(0) { $0 + $1.count } }),
            ("resurrected", sum(\.resurrected.count)), ("torn", sum(\.torn.count)),
            ("foreign", sum(\.foreign.count)), ("gone", sum(\.goneRows.count)),
            ("unsettled", sum(\.settlement.undecided.count)), ("recovered", sum(\.settlement.happened)),
        ]
    }
}
