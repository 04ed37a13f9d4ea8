import Evidence
import Tables

/// The judgement of a run: all checks, the worst of which is its status.
struct Verdict: Sendable {
    var checks: [CheckResult]
    /// What the first line says.
    var firstLine: String
    /// What the checks knew, for the stories of what they found.
    var facts: Facts

    var status: CheckResult.Status { checks.map(\.status).max() ?? .unknown }

    /// The process's exit code.
    var exitCode: Int32 {
        switch status {
        case .pass: return 0
        case .fail: return 1
        case .unknown: return 2
        }
    }

    /// The checks in the order in which a reader wants their failures named.
    static let all: [any Check] = [
        AcknowledgedWritesCheck(side: .source),
        AcknowledgedWritesCheck(side: .destination),
        ForeignTokensCheck(),
        ComparisonCheck(),
        StreamCheck(),
        StreamOrderCheck(),
        DuplicatesCheck(),
        AppliedEventsCheck(),
        PhantomCheck(),
        ResurrectedTokensCheck(),
        ForkCheck(),
        SlotCheck(),
        ColdStartCheck(),
        LivenessCheck(),
        ExposureCheck(),
        SettlementCheck(),
    ]

    /// Judges the evidence.
    init(_ evidence: Evidence) {
        var fence = Self.judge(evidence.fence.outcome)
        if evidence.fence.sourceMoved {
            // Neither the history nor the destination need know of what was written meanwhile.
            fence.status = .unknown
            fence.headline = "the source was written to while it was judged: stop the writer, then verify"
        }
        if evidence.fence.filledBytes > 0 {
            fence.notes.append(
                "the stream was ahead of the leader's log: \(evidence.fence.filledBytes.grouped) bytes were written there "
                    + "first, or the marker would have been skipped too"
            )
        }
        checks = [fence]
        facts = Facts(evidence)
        for check in Self.all {
            if fence.status == .pass || check.judgesWithoutFence && !evidence.fence.sourceMoved {
                checks.append(check.judge(evidence, facts))
            } else {
                checks.append(
                    CheckResult(
                        name: check.name,
                        status: .unknown,
                        count: 0,
                        notes: ["not judged"]
                    )
                )
            }
        }
        firstLine = Self.firstLine(checks, evidence, facts)
    }

    private static func judge(_ fence: FenceOutcome) -> CheckResult {
        var result = CheckResult(name: "fence", status: .unknown, count: 0)
        switch fence {
        case .passed(let partitionCount):
            result.status = .pass
            result.count = partitionCount
        case .impossible(let advice): result.headline = advice
        case .stuckInCapture(let partitions):
            let list = partitions.sorted().map(String.init).joined(separator: ", ")
            result.count = partitions.count
            result.headline =
                "stuck in capture: the marker is in the source, not in the topic (partition \(list))"
        case .stuckInApply(let texts):
            result.count = texts.count
            let first = texts.first.map { " (\($0))" } ?? ""
            result.headline = "stuck in apply: the marker is in the topic, not in the destination\(first)"
            result.examples = texts
        }
        return result
    }

    private static func firstLine(
        _ checks: [CheckResult],
        _ evidence: Evidence,
        _ facts: Facts
    ) -> String {
        let status = checks.map(\.status).max() ?? .unknown
        let headlines = checks.filter { $0.status == status && !$0.headline.isEmpty }.map(\.headline)
        switch status {
        case .fail: return "FAIL: " + headlines.joined(separator: "; ")
        case .unknown: return "INCONCLUSIVE: " + headlines.joined(separator: "; ")
        case .pass:
            let applied = evidence.progress.values.reduce(0) { $0 + $1.events }
            // Only an asynchronous cluster can have lost some and pass.
            let lost = facts.lost.values.reduce(0) { $0 + $1.count }
            let loss = lost == 0 ? "" : ", \(lost.grouped) acknowledged writes lost to a fork"
            let faults = evidence.journal.faults.map(\.description).joined(separator: ", ")
            return "PASS: \(evidence.journal.table.counts.acknowledged.grouped) acknowledged writes, "
                + "\(evidence.source.rows.count.grouped) rows equal, \(applied.grouped) events applied once\(loss)"
                + (faults.isEmpty ? " (no fault was injected)" : ", through \(faults)")
        }
    }
}
