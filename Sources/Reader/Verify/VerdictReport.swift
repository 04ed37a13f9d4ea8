import Access
import Histogram
import Evidence
import Model
import Tables

/// The verdict as text: its first line, the checks, the run, and where to look.
struct VerdictReport {
    var verdict: Verdict
    var evidence: Evidence
    var settings: PipelineSettings
    var historyPath: String
    /// Leader and timelines as Patroni tells them, where it was asked.
    var clusterLine: String?
    /// How many findings of each check are told.
    var limit = Finding.exampleLimit

    /// The lines after the first one.
    func lines() -> [String] {
        checks() + [""] + run() + [""] + compared() + [""] + look()
    }

    /// What happened, what was compared and where to look, as names and texts.
    func facts() -> [(name: String, text: String)] {
        (run() + compared() + look()).map { line in
            let name = line.unicodeScalars.prefix(Self.nameWidth)
            return (String(name).trimmedRight, String(line.unicodeScalars.dropFirst(Self.nameWidth)))
        }
    }

    /// Where the text of a fact begins.
    private static let nameWidth = 11

    private func checks() -> [String] {
        [""] + CheckTable(verdict.checks).lines(details: details)
    }

    /// What a check found, each with its token's story.
    private func details(_ check: CheckResult) -> [String] {
        guard !check.anomalies.isEmpty else { return Array(check.examples.prefix(limit)) }
        var lines: [String] = []
        for anomaly in check.anomalies.prefix(limit) {
            lines.append(anomaly.text)
            guard let token = anomaly.token else { continue }
            lines.append("  \(TokenStory(token, of: anomaly.row, evidence, verdict.facts).sentence)")
        }
        let hidden = check.anomalies.count - limit
        if hidden > 0 { lines.append("and \(hidden.grouped) more (--all)") }
        return lines
    }

    private func run() -> [String] {
        let summary = RunSummary(evidence.journal)
        let counts = summary.counts
        var lines = [
            "writes     \(counts.ok.grouped) ok, \(counts.fail.grouped) fail, "
                + "\(counts.unanswered.grouped) info "
                + "(settled: \(counts.settledOk) happened, \(counts.settledFail) did not; "
                + "left open: \(counts.info + counts.open))"
        ]
        for (fault, outage) in zip(evidence.journal.faults, summary.outageOfFault) {
            let gap = outage.map { "longest time without an acknowledged write \($0.asDuration)" }
            lines.append("fault      \(fault.description): \(gap ?? "nothing was acknowledged around it")")
        }
        if summary.outages.isEmpty {
            lines.append("outages    none longer than 1 s")
        } else {
            let list = summary.outages.prefix(8).map(\.microseconds.asDuration).joined(separator: ", ")
            lines.append("outages    \(summary.outages.count) longer than 1 s: \(list)")
        }
        for phase in summary.phases {
            let lag = phase.lag
            let text =
                lag.isEmpty
                ? "not recorded (`reader watch --record`)"
                : "p50 \(lag.percentile(50).asDuration), p99 \(lag.percentile(99).asDuration), "
                    + "max \(lag.maximum.asDuration) over \(lag.count.grouped) writes"
            lines.append("lag        \(phase.name): \(text)")
        }
        let timelines = evidence.journal.timelines.map(\.description).joined(separator: ", ")
        if !timelines.isEmpty { lines.append("timelines  \(timelines) in the writer's sessions") }
        if let clusterLine { lines.append("cluster    \(clusterLine)") }
        if evidence.journal.connector.restartCount > 0 {
            lines.append("restarts   \(evidence.journal.connector.restartCount) of failed connector tasks")
        }
        for rewind in evidence.journal.connector.rewinds {
            lines.append(
                "rewound    the connector's offset \(rewind): what lies between is on no leader any more"
            )
        }
        return lines
    }

    private func compared() -> [String] {
        let topic = evidence.topic
        var lines = [
            "compared   \(evidence.source.rows.count.grouped) rows at the source with "
                + "\(evidence.destination.rows.count.grouped) in the destination; "
                + "\(topic.eventCount.grouped) events in \(topic.partitions.count) partitions"
        ]
        for (number, partition) in topic.partitions.sorted(by: { $0.key < $1.key }) {
            let progress = evidence.progress[number]
            let applied =
                progress.map { "\($0.events.grouped) applied up to \($0.nextOffset)" } ?? "nothing applied"
            lines.append(
                "           partition \(number): offsets \(partition.firstOffset)..<\(partition.nextOffset), "
                    + "\(partition.events.count.grouped) records, \(applied)"
            )
        }
        return lines
    }

    private func look() -> [String] {
        var lines = ["history    \(historyPath)"]
        if evidence.journal.tornLineCount > 0 {
            lines[0] += " (\(evidence.journal.tornLineCount) torn lines skipped)"
        }
        lines.append("topic      \(settings.topic) at \(settings.brokers.servers)")
        lines.append("source     \(settings.table) at \(settings.source)")
        lines.append("target     \(settings.table) and sink_progress at \(settings.destination)")
        if let id = verdict.checks.first(where: { $0.status == .fail })?.examples.first?.firstNumber {
            lines.append("one key    grep '\"id\":\(id),' \(historyPath)")
        }
        return lines
    }
}

extension String {
    fileprivate var firstNumber: String? {
        guard let rest = without(prefix: "key ") else { return nil }
        let digits = rest.unicodeScalars.prefix { "0"..."9" ~= $0 || $0 == "-" }
        return digits.isEmpty ? nil : String(digits)
    }
}
