import Access
import History
import Kafka
import Model
import Threading

/// When the phantoms of a fork are put right, and what is remembered of them until then.
extension GuardLoop {
    /// What there is to repair after a fork, as the topics end now; `nil` where there is no connector.
    func repair(
        from fork: LSN,
        _ view: LeaderSession.View
    ) throws(GuardError) -> GuardState.Repair? {
        guard let scan else { return nil }
        let ends = try onBroker { () throws(KafkaError) in try scan.ends() }
        return .init(timeline: view.timeline.rawValue, fork: fork.rawValue, ends: ends)
    }

    private var scan: PhantomScan? {
        guard let facts, let session else { return nil }
        return PhantomScan(
            brokers: settings.brokers,
            origin: .init(name: facts.prefix, database: session.database),
            limit: settings.policy.repairLimit
        )
    }

    /// What a person has asked for: to repair a fork that came while nobody watched.
    mutating func takeOrder(_ view: LeaderSession.View) throws(GuardError) {
        guard let ended = board.now.orderedRepair else { return }
        let fork = try forks(view)[ended]
        if let fork, ended < view.timeline, let repair = try repair(from: fork, view) {
            var known = state
            known.repairs.append(repair)
            try store(known, view)
            state = known
        } else {
            report.act(
                .refuse,
                "there is nothing to repair: the history of timeline \(view.timeline) has no end of timeline \(ended), or "
                    + "there is no connector",
                node: session?.node,
                timeline: view.timeline
            )
        }
        board.change { $0.orderedRepair = nil }
    }

    mutating func finishRepairs(_ view: LeaderSession.View) throws(GuardError) {
        let done = board.now.doneRepairs
        guard !done.isEmpty else { return }
        state.repairs.removeAll { done.contains($0) }
        try store(state, view)
        board.change { $0.doneRepairs = [] }
    }

    /// Puts the phantoms of the oldest fork right, on a thread of its own: looking must go on.
    mutating func startRepair(_ view: LeaderSession.View) {
        guard let repair = state.repairs.first, nextRepair.hasPassed, let facts, let place, let scan,
            !board.now.isRepairing
        else { return }
        let signal = StopSignal()
        repairing = signal
        nextRepair = .after(.seconds(2))
        board.change { $0.isRepairing = true }
        let work = PhantomRepair(
            leader: settings.source.reaching(place, as: "reader guard repair"),
            timeline: view.timeline,
            facts: facts,
            repair: repair,
            scan: scan,
            report: report,
            board: board,
            stop: signal
        )
        let (board, report, settings) = (board, report, settings)
        Task.detached {
            await withDedicatedThread {
                settings.pass(.repairing)
                do throws(GuardError) {
                    if try work.run() { board.change { $0.doneRepairs.append(repair) } }
                } catch {
                    report.failed(error.part, "while phantoms were put right: \(error.reason)")
                }
                board.change { $0.isRepairing = false }
            }
        }
    }
}
