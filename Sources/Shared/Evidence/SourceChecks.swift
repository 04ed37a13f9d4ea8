package import Model

/// The questions that a history and the source alone answer, in the words of every verdict.
extension TableJudgement {
    package static let lossName = "acknowledged at source"
    package static let foreignName = "foreign tokens"
    package static let resurrectionName = "resurrected tokens"
    package static let settlementName = "unknown outcomes settled"
    package static let tearName = "whole transactions"

    /// All of them.
    package var sourceChecks: [CheckResult] {
        [acknowledgedCheck(), foreignCheck, resurrectionCheck, tearCheck, settlementCheck]
    }

    /// Whether every row holds its last acknowledged write, or a later one that may have happened.
    ///
    /// - Parameter isExcused: whether a loss is no failure.
    package func acknowledgedCheck(excusing isExcused: (Attempt, RowID) -> Bool = { _, _ in false })
        -> CheckResult
    {
        var check = AcknowledgedWrites(at: "source", lookedAt: acknowledgedCount)
        for (row, attempts) in lost.sorted(by: { $0.key < $1.key }) {
            check.add(
                row,
                holding: held[row],
                missing: attempts.filter { !isExcused($0, row) },
                of: attempts.count
            )
        }
        var result = check.result
        if !goneRows.isEmpty {
            let keys = goneRows.prefix(Finding.exampleLimit).map(\.description).joined(separator: ", ")
            result.notes.append(
                "\(goneRows.count.grouped) rows are gone, and no attempt deleted them: \(keys)"
            )
        }
        return result
    }

    /// The rows that hold a value that nobody wrote.
    package var foreignFinding: Finding {
        var finding = Finding("foreign-at-source")
        for (row, value) in foreign {
            finding.add(row, value, "key \(row) holds \(value), which no attempt wrote")
        }
        return finding
    }

    package static let foreignWords = ("foreign value at the source", "foreign values at the source")

    package var foreignCheck: CheckResult {
        CheckResult(
            Self.foreignName,
            lookedAt: held.count,
            findings: [(foreignFinding, Self.foreignWords.0, Self.foreignWords.1)]
        )
    }

    /// Whether a write that did not happen, or that a failover lost, is back.
    package var resurrectionCheck: CheckResult {
        var atSource = Finding("resurrected-at-source")
        var found = Finding("resurrected-and-overwritten")
        for place in resurrected {
            let (row, token) = (place.row, place.attempt.token)
            if held[row] == token {
                atSource.add(row, token, "key \(row) holds \(token) again, which was known to be gone")
            } else {
                found.add(row, token, "key \(row): a later write found \(token), which was known to be gone")
            }
        }
        return CheckResult(
            Self.resurrectionName,
            lookedAt: dead.count,
            findings: [
                (atSource, "token resurrected at the source", "tokens resurrected at the source"),
                (found, "token resurrected and overwritten", "tokens resurrected and overwritten"),
            ]
        )
    }

    /// Whether each attempt changed all of its rows, or none.
    package var tearCheck: CheckResult {
        var finding = Finding("torn")
        for place in torn {
            let token = place.attempt.token
            finding.add(
                place.row,
                token,
                "key \(place.row): \(token) is in one of its rows and not in the other"
            )
        }
        return CheckResult(
            Self.tearName,
            lookedAt: acknowledgedCount,
            findings: [(finding, "transaction torn at the source", "transactions torn at the source")]
        )
    }

    /// Whether it is known of every attempt what became of it.
    ///
    /// What the writer did not settle, because it was killed, the source's row decides now: nothing of the attempt can
    /// still be on its way when the row is judged.
    package var settlementCheck: CheckResult {
        var undecided = Finding("unsettled")
        for place in settlement.undecided {
            let (row, token) = (place.row, place.attempt.token)
            undecided.add(row, token, "key \(row): \(token) was never acknowledged, and the row is gone")
        }
        let left = settlement.happened + settlement.didNot + settlement.superseded
        var notes: [String] = []
        if left > 0 {
            notes.append(
                "\(left) that the writer left open: \(settlement.happened) happened, \(settlement.didNot) did not, "
                    + "\(settlement.superseded) lie below a value that no attempt wrote"
            )
        }
        return CheckResult(
            name: Self.settlementName,
            status: undecided.isEmpty ? .pass : .unknown,
            count: undecided.isEmpty ? settlement.settled + left : undecided.count,
            headline: undecided.isEmpty
                ? ""
                : undecided.headline("unknown outcome is not settled", "unknown outcomes are not settled"),
            examples: undecided.examples,
            notes: notes,
            anomalies: undecided.anomalies
        )
    }
}

/// Acknowledged writes that one side does not have, row by row.
package struct AcknowledgedWrites: Sendable {
    private let side: String
    private let lookedAt: Int
    private var lost: Finding
    private var excused = 0

    package init(at side: String, lookedAt: Int) {
        (self.side, self.lookedAt) = (side, lookedAt)
        lost = Finding("lost-at-\(side)")
    }

    /// Adds a row.
    ///
    /// - Parameters:
    ///   - value: what it holds, `nil` where there is no row.
    ///   - missing: the writes that it does not have, without those that are excused.
    ///   - count: how many it does not have with those.
    package mutating func add(_ row: RowID, holding value: Token?, missing: [Attempt], of count: Int) {
        excused += count - missing.count
        guard let last = missing.max(by: { $0.token < $1.token }) else { return }
        let text =
            value.map {
                "key \(row) holds \($0); acknowledged on timeline \(last.timeline): \(last.token)"
                    + ($0 > last.token ? ", which a later write did not find" : "")
            } ?? "key \(row): the row is gone, \(missing.count) writes with it"
        lost.add(row, last.token, count: missing.count, text)
    }

    package var result: CheckResult {
        CheckResult(
            "acknowledged at \(side)",
            lookedAt: lookedAt,
            findings: [
                (lost, "acknowledged write lost at the \(side)", "acknowledged writes lost at the \(side)")
            ],
            notes: excused == 0
                ? [] : ["\(excused.grouped) lost writes are explained by the fork of an asynchronous cluster"]
        )
    }
}
