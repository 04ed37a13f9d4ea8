import Access
import Histogram
import History
import Model
import Synchronization

/// What the probes have found, shared between their threads and those that show it.
final class WatchBoard: Sendable {
    private let findings: Mutex<WatchFindings>
    private let latest = Mutex<WatchDocument?>(nil)

    init(_ findings: WatchFindings) {
        self.findings = Mutex(findings)
    }

    /// Changes what is known, or reads it; never waits while it does.
    func update<R: Sendable>(_ body: (inout WatchFindings) -> sending R) -> R {
        findings.withLock { body(&$0) }
    }

    /// A part does not answer.
    func fail(_ part: PartError.Part, _ reason: String) {
        update { $0.seen.failures[part] = reason }
    }

    /// Ends the interval; `nil` while nothing is known yet.
    func takeSnapshot(
        at now: Moment,
        verdict: WatchDocument.Verdict?
    ) -> (document: WatchDocument, sample: HistoryLine.LagSample)? {
        let taken = update { found in
            found.takeSnapshot(at: now).map { ($0.snapshot, $0.sample, found.series) }
        }
        guard let (snapshot, sample, series) = taken else { return nil }
        let document = WatchDocument(snapshot: snapshot, series: series, verdict: verdict)
        latest.withLock { $0 = document }
        return (document, sample)
    }

    /// What the last interval showed; `nil` before the first one.
    var document: WatchDocument? { latest.withLock { $0 } }

    /// The lag of the whole run, and how many followed writes never became visible.
    var summary: (lag: LatencyHistogram, waiting: UInt64) { update { $0.summary } }
}
