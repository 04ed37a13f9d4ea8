import Access
import Cluster
import History
import Model
import Postgres
import Slots
import Threading

/// What happens when the leader's timeline is not cleared.
extension GuardLoop {
    /// Goes through the sequence as far as it gets; what fails is begun anew with the next look.
    mutating func change(_ first: LeaderSession.View) throws(GuardError) {
        repairing?.request()
        repairing = nil
        var view = first
        // Once to settle, once to prove, once to decide; a stop may change the offset, and with it the decision.
        var decoding: DecodingStart?
        for round in 0..<5 {
            // What was read before a task ended, that task may have changed: the slot's position too.
            if round > 0 { view = try lookAgain(view) }
            let now = try situation(view, decoding)
            let decision = GuardDecision(now)
            show(decision, view)
            switch decision {
            case .keep: return try clear(view, of: nil, "the timeline was cleared before")
            case .wait(let reason):
                report.once("decision", .refuse, reason, node: session?.node, timeline: view.timeline)
                return
            case .settle:
                guard try settle(view) else { return }
            case .prove(let position):
                decoding = try prove(at: position)
            case .clear(let reason):
                return try clear(view, of: now, reason)
            case .rewind(_, let fork):
                switch try move(view, to: fork, isGap: false) {
                case .again:
                    decoding = nil
                    continue
                case .held: return
                case .moved:
                    let reason = "the stored offset was moved back to the fork \(fork)"
                    return try clear(view, of: now, reason)
                }
            case .gap(let gap):
                return try hold(gap, view)
            case .skip(let gap):
                return try skip(gap, view, of: now)
            }
        }
    }

    /// Opens the gate of a connector that is not there, so that it can be registered.
    mutating func changeWithoutConnector(_ view: LeaderSession.View) throws(GuardError) {
        let isAccepted = board.now.acceptedTimeline == view.timeline
        guard let cleared = state.clearedTimeline, !state.allowsVacancy(on: view.timeline), !isAccepted
        else {
            return try clear(view, of: nil, "there is no connector \(settings.connector) yet")
        }
        report.once(
            "decision",
            .refuse,
            "there is no connector \(settings.connector), but offsets may be left from timeline \(cleared): delete "
                + "them, then POST /clear/\(view.timeline)",
            node: session?.node,
            timeline: view.timeline
        )
        let (timeline, end) = (view.timeline, view.written)
        board.change {
            $0.decision = "there is no connector"
            $0.gapTimeline = timeline
            $0.gap = .init(from: end, to: nil, reason: "there is no connector")
        }
    }

    func show(_ decision: GuardDecision, _ view: LeaderSession.View) {
        let text: String
        switch decision {
        case .keep: text = "timeline \(view.timeline) is cleared"
        case .wait(let reason): text = reason
        case .settle: text = "the task that read from the former timeline is being ended"
        case .prove(let position): text = "the slot is looked at: is it complete from \(position) on?"
        case .clear(let reason): text = reason
        case .rewind(let from, let to): text = "the stored offset \(from) goes back to the fork \(to)"
        case .gap(let gap), .skip(let gap): text = "gap from \(gap.range): \(gap.reason)"
        }
        board.change { $0.decision = text }
    }

    /// The same leader, looked at once more.
    func lookAgain(_ view: LeaderSession.View) throws(GuardError) -> LeaderSession.View {
        guard let session else { throw GuardError(.leader, "there is no session") }
        let slot = facts?.slot ?? ""
        let found = try onLeader { () throws(PostgresError) in try session.view(slot: slot) }
        guard let found, found.timeline == view.timeline else {
            throw GuardError(.leader, "\(session.node) is not on timeline \(view.timeline) any more")
        }
        let confirmed = found.slot.confirmed
        board.change { $0.confirmed = confirmed }
        return found
    }

    /// Whether decoding on the leader is consistent where capture would go on.
    func prove(at position: LSN) throws(GuardError) -> DecodingStart {
        guard let place, let facts else { throw GuardError(.leader, "there is no session") }
        let probe = SlotProbe(
            server: settings.source.reaching(place, as: "reader guard probe"),
            slot: facts.slot
        )
        let isDryRun = settings.isDryRun
        let found = try onLeader { () throws(PostgresError) in
            // A copy of the slot is something written.
            isDryRun ? try probe.look() : try probe.start(at: position)
        }
        return found
    }

    func situation(
        _ view: LeaderSession.View,
        _ decoding: DecodingStart?
    ) throws(GuardError) -> GuardSituation {
        let forks = try forks(view)
        let offset = try storedOffset()
        board.change { $0.offset = offset }
        let accepted = board.now.acceptedTimeline
        let (cleared, bound) = state.known(on: view.timeline, stored: view.state)
        return GuardSituation(
            timeline: view.timeline,
            forks: forks,
            cleared: cleared,
            offset: offset,
            isOffsetFinal: settled == view.timeline,
            slot: view.slot,
            bound: bound,
            decoding: decoding,
            isGapAccepted: accepted == view.timeline
        )
    }

    /// Where each former timeline ended: from the leader itself, or from Patroni, which knows it a moment later.
    func forks(_ view: LeaderSession.View) throws(GuardError) -> [Timeline: LSN] {
        guard view.timeline.rawValue > 1, let session else { return [:] }
        let own = try onLeader { () throws(PostgresError) in try session.ends(before: view.timeline) }
        if let own { return own }
        let patroni = patroni
        let history = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.history()
        }
        return TimelineHistory.ends(history)
    }

    /// The furthest position that Kafka Connect has stored for this connector's own prefix.
    func storedOffset() throws(GuardError) -> LSN? {
        let (connect, name) = (questioned, settings.connector)
        let all = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }
        return facts.map { all.of(server: $0.prefix) }?.furthest
    }

    func status() throws(GuardError) -> ConnectorStatus {
        let (connect, name) = (questioned, settings.connector)
        let status = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.status(of: name)
        }
        board.change { $0.connector = status.summary }
        return status
    }
}
