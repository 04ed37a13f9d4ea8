import Evidence

/// How long each stage of the pipeline stood still around a fault, in nanoseconds.
struct Recovery: Sendable, Equatable {
    /// The longest time without an acknowledged write.
    var write: UInt64?
    /// The longest time without a new record in the topic.
    var capture: UInt64?
    /// From the fault to the first interval in order, with new writes visible, as `reader watch` saw it.
    var endToEnd: UInt64?

    /// What can have been caused by a fault ends after it began, and begins within this time.
    static let reach: UInt64 = 30_000_000_000

    /// One for each fault of the history.
    static func all(_ evidence: Evidence) -> [Recovery] {
        let journal = evidence.journal
        let summary = RunSummary(journal)
        let produced = evidence.topic.partitions.values.lazy.flatMap(\.events).map(\.producedAt)
            .filter { $0 > 0 }.sorted()
        return zip(journal.faults, summary.outageOfFault).map { fault, outage in
            let recovered = summary.recoveries[fault.began]
            return Recovery(
                write: outage.map { $0 * 1_000 },
                capture: gap(produced, around: fault),
                endToEnd: recovered.map { $0 - min($0, fault.began) }
            )
        }
    }

    private static func gap(_ produced: [Int64], around fault: InjectedFault) -> UInt64? {
        let begin = fault.beganAt / 1_000
        let length = fault.ended.map { ($0 - min($0, fault.began)) / 1_000_000 } ?? .max
        let end = begin + Int64(min(length, reach / 1_000_000))
        let longest = zip(produced, produced.dropFirst()).filter { $0.1 > begin && $0.0 < end }
            .map { $0.1 - $0.0 }.max()
        return longest.map { UInt64($0) * 1_000_000 }
    }
}
