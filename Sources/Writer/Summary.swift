import Shared

/// The account of a whole run as text.
struct Summary: Sendable {
    let account: Account
    /// Nanoseconds from the begin of the schedule to the end of the last write.
    let length: UInt64
    let rate: Int?
    let leftovers: Leftovers
    /// The outage that was not over at the end.
    let ongoing: Outage?
    let historyPath: String

    /// The summary's lines.
    ///
    /// - Parameter place: names a server and its timeline.
    func lines(_ place: (HistoryLine.Session) -> String) -> [String] {
        let counts = account.counts
        var lines = ["", "writer: \(ReportText.seconds(length, decimals: 1))"]
        func add(_ name: String, _ text: String) {
            lines.append("  " + name + String(repeating: " ", count: max(1, 12 - name.count)) + text)
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
        let latencies = account.latencies
        add("latency", Self.percentiles(latencies.intended) + "  from the intended start")
        add("", Self.percentiles(latencies.service) + "  from the attempt's start")
        if !account.causes.isEmpty { add("failures", ReportText.causes(account.causes)) }
        if counts.observed > 0 {
            add("rows", "\(counts.observed) held another value than the last acknowledged one (observed)")
        }
        let outages = account.outages + [ongoing].compactMap { $0 }
        add("outages", "\(outages.count)")
        for outage in outages {
            lines.append(
                "    \(ReportText.wallClock(outage.began.wall))  \(ReportText.seconds(outage.length, decimals: 2))"
                    + "  attempts \(outage.failures.count)"
                    + (outage.failures.causes.isEmpty
                        ? "" : " (\(ReportText.causes(outage.failures.causes)))")
                    + "  \(place(outage.before)) -> \(outage.after.map(place) ?? "not over at the end")"
            )
        }
        add("history", historyPath)
        return lines
    }

    private static func percentiles(_ histogram: LatencyHistogram) -> String {
        guard !histogram.isEmpty else { return "p50 -  p99 -  max -" }
        return "p50 \(histogram.percentile(50).asDuration)  p99 \(histogram.percentile(99).asDuration)"
            + "  max \(histogram.maximum.asDuration)"
    }
}
