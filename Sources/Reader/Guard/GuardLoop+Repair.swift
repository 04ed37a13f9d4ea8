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
        guard let facts = known.facts, let session = leader.session else { return nil }
        return PhantomScan(
            brokers: settings.brokers,
            origin: .init(name: facts.prefix, database: session.database),
            limit: settings.policy.repairLimit
        )
    }

    /// What a person has asked for: to repair a fork that came while nobody watched.
    mutating func note(_ ended: Timeline, _ view: LeaderSession.View) throws(GuardError) {
        let fork = try forks(view)[ended]
        if let fork, ended < view.timeline, let repair = try repair(from: fork, view) {
            var state = known.state
            state.repairs.append(repair)
            try store(state, view)
            known.state = state
        } else {
            report.act(
                .refuse,
                "there is nothing to repair: the history of timeline \(view.timeline) has no end of timeline \(ended), or "
                    + "there is no connector",
                node: leader.session?.node,
                timeline: view.timeline
            )
        }
        known.ordered = nil
    }

    /// Repairs that are done are asked for no more.
    mutating func forget(_ done: [GuardState.Repair], _ view: LeaderSession.View) throws(GuardError) {
        known.state.repairs.removeAll { done.contains($0) }
        try store(known.state, view)
        repairs.forget(done)
    }

    /// Puts the phantoms of the oldest fork right, if there is one.
    mutating func startRepair(_ view: LeaderSession.View) {
        guard let repair = known.state.repairs.first, let facts = known.facts, let session = leader.session,
            let scan
        else { return }
        timers.nextRepair = .after(.seconds(2))
        let (place, timeline) = (session.place, view.timeline)
        let (board, report, settings) = (board, report, settings)
        repairs.start(repair) { stop in
            let work = PhantomRepair(
                leader: settings.source.reaching(place, as: "reader guard repair"),
                timeline: timeline,
                facts: facts,
                repair: repair,
                scan: scan,
                report: report,
                board: board,
                stop: stop
            )
            settings.pass(.repairing)
            do throws(GuardError) {
                return try work.run()
            } catch {
                report.failed(error.part, "while phantoms were put right: \(error.reason)")
                return false
            }
        }
    }
}
