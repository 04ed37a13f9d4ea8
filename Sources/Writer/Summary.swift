import Histogram
import History
import Model

/// The account of a whole run, for people and for machines.
struct Summary: Sendable {
    let account: Account
    /// Nanoseconds from the begin of the schedule to the end of the last write.
    let length: UInt64
    let rate: Int?
    let leftovers: Leftovers
    /// The outage that was not over at the end.
    let ongoing: Outage?
    let historyPath: String
    var seed: UInt64?
    /// Names of the servers, and what the cluster did meanwhile.
    let places: ClusterLog

    var outages: [Outage] { account.outages + [ongoing].compactMap { $0 } }

    /// The summary's lines.
    func lines() -> [String] {
        let counts = account.counts
        var lines = ["", "writer: \(ReportText.seconds(length, decimals: 1))"]
        func add(_ name: String, _ text: String) {
            lines.append("  " + name + String(repeating: " ", count: max(1, 12 - name.width)) + text)
        }
        add(
            "writes",
            "ok \(ReportText.count(counts.ok))  fail \(ReportText.count(counts.fail))"
                + "  info \(ReportText.count(counts.info))"
        )
        if counts.info > 0 {
            add(
                "",
                "info settled: ok \(counts.settledOk)  fail \(counts.settledFail)  open \(leftovers.openInfoCount)"
            )
        }
        let wanted = rate.map { " of \(ReportText.count($0))/s wanted" } ?? ""
        add("rate", ReportText.rate(counts.ok, in: length) + wanted)
        if leftovers.backlogCount > 0 {
            add("not written", "\(ReportText.count(leftovers.backlogCount)) that were due")
        }
        if leftovers.missedCount > 0 {
            add("missed", "\(ReportText.count(leftovers.missedCount)) more than a second late, given up")
        }
        let latencies = account.latencies
        add("latency", Self.percentiles(latencies.intended) + "  from the intended start")
        add("", Self.percentiles(latencies.service) + "  from the attempt's start")
        if !account.causes.isEmpty { add("failures", ReportText.causes(account.causes)) }
        if counts.observed > 0 {
            add("rows", "\(counts.observed) held another value than the last acknowledged one (observed)")
        }
        add("outages", "\(outages.count)")
        for outage in outages {
            lines.append(
                "    \(ReportText.wallClock(outage.began.wall))  \(ReportText.seconds(outage.length, decimals: 2))"
                    + "  attempts \(outage.failures.count)"
                    + (outage.failures.causes.isEmpty
                        ? "" : " (\(ReportText.causes(outage.failures.causes)))")
                    + "  \(place(outage.before)) -> \(outage.after.map(place) ?? "not over at the end")"
            )
            if let phases = Self.text(OutagePhases(of: outage, seen: places)) {
                lines.append("      \(phases)")
            }
        }
        if let seed { add("seed", String(seed)) }
        add("history", historyPath)
        return lines
    }

    /// The member and its timeline: `patroni2 (timeline 7)`.
    private func place(_ session: HistoryLine.Session) -> String {
        "\(places.name(of: session.node)) (timeline \(session.timeline))"
    }

    /// The parts of an outage that were seen: `detect 18.20 s  elect 0.85 s  route 1.02 s  connect 0.06 s`.
    private static func text(_ phases: OutagePhases) -> String? {
        let parts = [
            ("detect", phases.detect), ("elect", phases.elect), ("route", phases.route),
            ("connect", phases.connect),
        ]
        let seen = parts.compactMap { name, length in
            length.map { "\(name) \(ReportText.seconds($0, decimals: 2))" }
        }
        return seen.isEmpty ? nil : seen.joined(separator: "  ")
    }

    private static func percentiles(_ histogram: LatencyHistogram) -> String {
        guard !histogram.isEmpty else { return "p50 -  p99 -  max -" }
        return "p50 \(histogram.percentile(50).asDuration)  p99 \(histogram.percentile(99).asDuration)"
            + "  max \(histogram.maximum.asDuration)"
    }
}
