import Histogram
import History
import Evidence
import Model

/// What happened in the run, for the table below the checks; judges nothing.
struct RunSummary: Sendable {
    /// A time without any acknowledged write.
    struct Outage: Sendable, Equatable {
        var began: UInt64
        var ended: UInt64

        var microseconds: UInt64 { (ended - began) / 1_000 }
    }

    /// End-to-end lag of one part of the run.
    struct Phase: Sendable {
        var name: String
        var lag = LatencyHistogram()
    }

    /// An outage is reported from this length on, in nanoseconds.
    static let outageThreshold: UInt64 = 1_000_000_000

    var counts: AttemptCounts
    /// Longer than the threshold, in order.
    var outages: [Outage] = []
    /// The longest time without an acknowledged write around each fault.
    var outageOfFault: [UInt64?] = []
    var phases: [Phase] = []
    /// When the pipeline was in order again, by the fault's begin; only what `reader watch` recorded.
    var recoveries: [UInt64: UInt64] = [:]

    init(_ journal: Journal) {
        counts = journal.table.counts
        let gaps = journal.acknowledgements.flatMap { unordered in
            // Workers take the time before they append: lines may stand in another order than their times.
            let times = unordered.sorted()
            return zip(times, times.dropFirst()).map { Outage(began: $0, ended: $1) }
        }
        outages = gaps.filter { $0.ended - $0.began > Self.outageThreshold }
        outageOfFault = journal.faults.map { fault in
            Self.longestGap(gaps, around: fault)?.microseconds
        }
        phases = Self.phases(journal, gaps)
        for fault in journal.faults {
            guard let last = journal.lagSamples.last?.monotonic, last > fault.began else { continue }
            let end = Self.recovery(from: fault, journal, gaps)
            if end != .max { recoveries[fault.began] = end }
        }
    }

    /// The longest gap that the fault can have caused: it ends after the fault began, and begins before the
    /// fault was undone or 30 s had passed.
    private static func longestGap(_ gaps: [Outage], around fault: InjectedFault) -> Outage? {
        let end = min(fault.ended ?? .max, fault.began + 30_000_000_000)
        return gaps.filter { $0.ended > fault.began && $0.began < end }
            .max { $0.microseconds < $1.microseconds }
    }

    /// Divides the recorded lag at the faults.
    ///
    /// *During* lasts from a fault's begin through the first interval in which writes became visible and
    /// that ended in state OK, after writes were acknowledged again (after the longest gap around the fault)
    /// and after the disturbance that showed itself within 10 s. That interval is in it, because what
    /// became visible in it is the backlog. Where nobody recorded within 10 s, it ends with the gap.
    private static func phases(_ journal: Journal, _ gaps: [Outage]) -> [Phase] {
        var before = Phase(name: journal.faults.isEmpty ? "whole run" : "before")
        var (during, after) = (Phase(name: "during"), Phase(name: "after"))
        let windows = journal.faults.map { fault in
            (begin: fault.began, end: recovery(from: fault, journal, gaps))
        }
        for (time, sample) in journal.lagSamples {
            func add(to phase: inout Phase) {
                for bucket in sample.buckets {
                    phase.lag.record(microseconds: bucket.microseconds, count: bucket.count)
                }
            }
            if windows.contains(where: { $0.begin < time && time <= $0.end }) {
                add(to: &during)
            } else if let first = windows.first, time > first.begin {
                add(to: &after)
            } else {
                add(to: &before)
            }
        }
        return journal.faults.isEmpty ? [before] : [before, during, after]
    }

    private static func recovery(
        from fault: InjectedFault,
        _ journal: Journal,
        _ gaps: [Outage]
    ) -> UInt64 {
        let writable = longestGap(gaps, around: fault).map { max($0.ended, fault.began) } ?? fault.began
        let soon = writable + 10_000_000_000
        let samples = journal.lagSamples.drop { $0.monotonic <= fault.began }
        guard let first = samples.first, first.monotonic <= soon else { return writable }
        let disturbed = samples.first { $0.sample.state != "OK" && $0.monotonic <= soon }
        let start = max(writable, disturbed?.monotonic ?? 0)
        let recovered = samples.first {
            $0.monotonic > start && $0.sample.state == "OK" && !$0.sample.buckets.isEmpty
        }
        return recovered?.monotonic ?? .max
    }
}
