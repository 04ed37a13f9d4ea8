import Access
import Cluster
import Model
import Postgres
import Slots

/// What is asked of the leader and of Kafka Connect, and shown.
extension GuardLoop {
    /// The same leader, looked at once more.
    func lookAgain(_ view: LeaderSession.View) throws(GuardError) -> LeaderSession.View {
        let session = try heldSession()
        guard let found = try self.view(session), found.timeline == view.timeline else {
            throw GuardError(.leader, "\(session.node) is not on timeline \(view.timeline) any more")
        }
        board.change { $0.slot.confirmed = found.slot.confirmed }
        return found
    }

    func situation(_ view: LeaderSession.View) throws(GuardError) -> GuardSituation {
        let forks = try forks(view)
        let offset = try storedOffset()
        let (cleared, bound) = known.state.known(on: view.timeline, stored: view.state)
        return GuardSituation(
            timeline: view.timeline,
            forks: forks,
            cleared: cleared,
            offset: offset,
            isOffsetFinal: known.settled == view.timeline,
            slot: view.slot,
            bound: bound,
            isGapAccepted: known.accepted == view.timeline
        )
    }

    /// Where each former timeline ended: from the leader itself, or from Patroni, which knows it a moment later.
    func forks(_ view: LeaderSession.View) throws(GuardError) -> [Timeline: LSN] {
        guard view.timeline.rawValue > 1, let session = leader.session else { return [:] }
        let own = try onLeader { () throws(PostgresError) in try session.ends(before: view.timeline) }
        if let own { return own }
        return try leader.ends()
    }

    /// The furthest position that Kafka Connect has stored for this connector's own prefix.
    func storedOffset() throws(GuardError) -> LSN? {
        guard let facts = known.facts else { return nil }
        let offset = try connector.offsets(of: facts.prefix).furthest
        board.change { $0.connector.offset = offset }
        return offset
    }

    func status() throws(GuardError) -> ConnectorStatus {
        let status = try connector.status()
        board.change { $0.connector.state = status.summary }
        return status
    }

    /// Whether decoding on the leader is consistent where capture would go on.
    func prove(at position: LSN) throws(GuardError) -> DecodingStart {
        let place = try heldSession().place
        guard let facts = known.facts else { return .unknown("there is no connector") }
        let probe = SlotProbe(
            server: settings.source.reaching(place, as: "reader guard probe"),
            slot: facts.slot
        )
        let isDryRun = settings.isDryRun
        return try onLeader { () throws(PostgresError) in
            // A copy of the slot is something written.
            isDryRun ? try probe.look() : try probe.start(at: position)
        }
    }
}
