import Evidence
import Model
import Tables

/// Whether every row holds its last acknowledged write, or a later one that may have happened.
struct AcknowledgedWritesCheck: Check {
    enum Side: String, Sendable {
        case source, destination
    }

    var side: Side

    var name: String { "acknowledged at \(side.rawValue)" }

    // The source is the end of the writer's own way: what it holds is final without a fence.
    var judgesWithoutFence: Bool { side == .source }

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        func isExcused(_ attempt: Attempt, of row: RowID) -> Bool {
            evidence.forks.mayLose && facts.isLostByFork(attempt, of: row)
        }
        guard side == .destination else { return facts.source.acknowledgedCheck(excusing: isExcused) }
        let journal = evidence.journal
        var check = AcknowledgedWrites(at: side.rawValue, lookedAt: facts.source.acknowledgedCount)
        for (row, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let value = evidence.destination.rows[row].map {
                journal.table.valueBeforeFences($0.value, of: row)
            }
            if let value, journal.table.origin(of: value, in: row) == .foreign { continue }
            // What was written over on the way is not looked for: tokens of a row only rise.
            let missing = attempts.filter { $0.isAcknowledged && $0.token > value ?? .least }
            guard !missing.isEmpty else { continue }
            check.add(
                row,
                holding: value,
                missing: missing.filter { !isExcused($0, of: row) },
                of: missing.count
            )
        }
        return check.result
    }
}
