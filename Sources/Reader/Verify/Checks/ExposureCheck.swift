import Evidence

/// Whether the faults hit a running load: a PASS without that says nothing.
struct ExposureCheck: Check {
    let name = "faults hit the load"
    let judgesWithoutFence = true

    /// How long before a fault an attempt may have ended to count as being in flight around it.
    static let reach: UInt64 = 1_000_000_000

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let journal = evidence.journal
        guard !journal.faults.isEmpty else {
            return CheckResult(name: name, status: .pass, count: 0, notes: ["no fault was injected"])
        }
        let load = Load(journal)
        let hitting = journal.faults.filter { load.spans($0.began) }
        var notes: [String] = []
        let outside = journal.faults.count - hitting.count
        if outside > 0 && !hitting.isEmpty { notes.append("\(outside) faults began while nobody wrote") }
        var misses: [String] = []
        if hitting.isEmpty { misses.append("no fault began while the writer wrote") }
        for fault in hitting {
            if let miss = load.miss(of: fault, journal) { misses.append("\(fault.description): \(miss)") }
        }
        return CheckResult(
            name: name,
            status: misses.isEmpty ? .pass : .unknown,
            count: misses.isEmpty ? hitting.count : misses.count,
            headline: misses.first ?? "",
            examples: Array(misses.prefix(Finding.exampleLimit)),
            notes: notes
        )
    }
}

/// The attempts of all runs, by time.
private struct Load {
    private let attempts: [Attempt]

    init(_ journal: Journal) {
        attempts = journal.attempts.values.joined().sorted { $0.invoked < $1.invoked }
    }

    /// Whether a moment lies between the first and the last attempt.
    func spans(_ moment: UInt64) -> Bool {
        guard let first = attempts.first, let last = attempts.last else { return false }
        return first.invoked < moment && moment < max(last.invoked, last.ended ?? 0) + ExposureCheck.reach
    }

    /// Why a fault proves nothing, or `nil` when it hit.
    func miss(of fault: InjectedFault, _ journal: Journal) -> String? {
        let acknowledged = attempts.lazy.filter(\.isAcknowledged)
        guard acknowledged.contains(where: { ($0.ended ?? .max) < fault.began }) else {
            return "no acknowledged write precedes it"
        }
        let after = acknowledged.filter { $0.invoked > fault.began }
        guard !after.isEmpty else { return "no acknowledged write follows it" }
        // The part may be brought back long after the load has gone on: the first seconds are what counts.
        let end = min(fault.ended ?? .max, fault.began + 30 * ExposureCheck.reach)
        let begin = fault.began - min(fault.began, ExposureCheck.reach)
        let wasInFlight = attempts.contains { $0.invoked <= end && ($0.ended ?? .max) >= begin }
        let failed = journal.disconnects.contains { begin <= $0 && $0 <= end }
        guard wasInFlight || failed else { return "nothing was in flight when it began" }
        guard fault.changesLeader else { return nil }
        let before = fault.timeline ?? acknowledged.filter { $0.invoked < fault.began }.map(\.timeline).max()
        guard let before, after.contains(where: { $0.timeline > before }) else {
            let number = before.map { " \($0)" } ?? ""
            return "the timeline did not change: no acknowledged write on a later one than\(number)"
        }
        return nil
    }
}
