import Histogram
import Evidence

/// Whether each stage recovered from each fault within its budget.
struct LivenessCheck: Check {
    let name = "liveness"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let budgets = evidence.budgets
        var (late, unknown, notes): ([String], [String], [String]) = ([], [], [])
        for (fault, recovery) in zip(evidence.journal.faults, Recovery.all(evidence)) {
            let stages: [(String, UInt64?, UInt64?)] = [
                ("writes", recovery.write, budgets.write),
                ("capture", recovery.capture, budgets.capture),
                ("end to end", recovery.endToEnd, budgets.endToEnd),
            ]
            for (stage, time, budget) in stages {
                if let budget {
                    guard let time else {
                        unknown.append("\(fault.description): recovery of \(stage) is not known")
                        continue
                    }
                    guard time > budget else { continue }
                    late.append(
                        "\(fault.description): \(stage) took \((time / 1_000).asDuration), "
                            + "allowed were \((budget / 1_000).asDuration)"
                    )
                }
            }
            let known = stages.compactMap { stage, time, _ in
                time.map { "\(stage) \(($0 / 1_000).asDuration)" }
            }
            if !known.isEmpty { notes.append("\(fault.description): \(known.joined(separator: ", "))") }
        }
        let isJudged = budgets != Budgets()
        if !isJudged { notes.insert("no budget was given (--write-budget and others)", at: 0) }
        let status: CheckResult.Status = late.isEmpty ? (unknown.isEmpty ? .pass : .unknown) : .fail
        let found = late.isEmpty ? unknown : late
        let more = found.count > 1 ? " and \(found.count - 1) more" : ""
        return CheckResult(
            name: name,
            status: status,
            count: found.isEmpty ? evidence.journal.faults.count : found.count,
            headline: found.first.map { "\($0)\(more)" } ?? "",
            examples: found,
            notes: notes
        )
    }
}
