import Histogram
import History
import Model
import Synchronization
import Telemetry
import Threading

/// Prints one line a second while the workers write, and a line when an outage is over.
struct ProgressReporter: Sendable {
    let run: LoadRun
    let names: ClusterObserver
    /// When the schedule begins.
    let start: UInt64
    /// Prints nothing: the summary is for a machine.
    let isQuiet: Bool

    /// Prints until `finished` is requested.
    func work(until finished: StopSignal) {
        guard !isQuiet else { return }
        var last = Account.Counts()
        var reportedOutages = 0
        var lineBegan = start
        finished.sleep(until: Deadline(monotonic: start))
        var look = start
        // Most runs end before the next line is due; only one that takes longer says why.
        var isEnding = false
        while !finished.isRequested {
            // Often, so that the end of an outage is printed when it happens.
            look += 100_000_000
            finished.sleep(until: Deadline(monotonic: look))
            let now = Moment.now()
            let account = run.account.withLock { $0 }
            for outage in account.outages[reportedOutages...] { printLine(prefix(now) + recovered(outage)) }
            reportedOutages = account.outages.count
            guard now.monotonic - lineBegan >= 1_000_000_000, !finished.isRequested else { continue }
            let latencies = run.account.withLock { $0.takeRecent() }
            let counts = account.counts
            if run.stop.isRequested {
                if isEnding {
                    printLine(prefix(now) + "ending: settles the writes of unknown outcome")
                }
                isEnding = true
            } else if let outage = account.ongoingOutage(at: now) {
                printLine(prefix(now) + Self.ongoing(outage))
            } else {
                let rate = ReportText.rate(counts.ok - last.ok, in: now.monotonic - lineBegan)
                let p99 = latencies.intended.isEmpty ? "-" : latencies.intended.percentile(99).asDuration
                printLine(
                    prefix(now)
                        + "ok \(rate)  fail \(counts.fail - last.fail)  info \(counts.info - last.info)"
                        + "  p99 \(p99)  leader \(account.leader.map(place) ?? "-")"
                )
            }
            // Lines stay on whole seconds, however long a look took.
            lineBegan += (now.monotonic - lineBegan) / 1_000_000_000 * 1_000_000_000
            last = counts
        }
    }

    /// The member and its timeline: `patroni2 (timeline 7)`.
    func place(_ session: HistoryLine.Session) -> String {
        "\(names.name(of: session)) (timeline \(session.timeline))"
    }

    private func prefix(_ now: Moment) -> String {
        let text = ReportText.seconds(now.monotonic - min(start, now.monotonic), decimals: 1)
        return text.padded(to: 8, left: true) + "  "
    }

    private func recovered(_ outage: Outage) -> String {
        let after = outage.after ?? outage.before
        let timeline =
            after.timeline == outage.before.timeline
            ? "\(after.timeline)" : "\(outage.before.timeline) -> \(after.timeline)"
        let (from, to) = (names.name(of: outage.before), names.name(of: after))
        return "RECOVERED after \(ReportText.seconds(outage.length, decimals: 2))  timeline \(timeline)"
            + "  leader \(from == to ? to : "\(from) -> \(to)")  info \(outage.failures.infoCount)"
    }

    private static func ongoing(_ outage: Outage) -> String {
        "OUTAGE \(ReportText.seconds(outage.length, decimals: 1))  attempts \(outage.failures.count)"
            + "  \(outage.failures.last.map { "last \($0)" } ?? "no answer yet")"
    }
}
