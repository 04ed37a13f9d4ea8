import Evidence

/// Whether every lost or phantom token is explained by the fork of its timeline.
struct ForkCheck: Check {
    let name = "fork arithmetic"
    let judgesWithoutFence = true

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let forks = facts.forks
        var (lost, phantoms) = (Finding("unexplained-loss"), Finding("unexplained-phantom"))
        for (row, attempt, isLost) in forks.unexplained {
            let fork = forks.knowledge.ends?[attempt.timeline].map { "forked at \($0)" } ?? "never ended"
            let text = "key \(row): \(attempt.token) is gone, but its timeline \(attempt.timeline) \(fork)"
            if isLost { lost.add(row, attempt.token, text) } else { phantoms.add(row, attempt.token, text) }
        }
        guard forks.knowledge.ends != nil else {
            let open = forks.unexplained.count
            return CheckResult(
                name: name,
                status: open == 0 ? .pass : .unknown,
                count: open,
                headline: open == 0
                    ? ""
                    : "neither leader nor Patroni told the forks that must explain \(open.grouped) lost or phantom tokens",
                notes: open == 0 ? ["nothing to explain; where timelines ended was not told"] : []
            )
        }
        return CheckResult(
            name,
            lookedAt: forks.count,
            findings: [
                (lost, "loss that no fork explains", "losses that no fork explains"),
                (phantoms, "phantom that no fork explains", "phantoms that no fork explains"),
            ],
            notes: forks.lines
        )
    }
}
