import Shared

/// What happens when the leader's timeline is not cleared.
extension GuardLoop {
    /// Goes through the sequence as far as it gets; what fails is begun anew with the next look.
    mutating func change(_ view: LeaderSession.View) throws(GuardError) {
        repairing?.request()
        repairing = nil
        // Once to settle, once to decide; a stop may change the offset, and with it the decision.
        for _ in 0..<3 {
            let now = try situation(view)
            let decision = GuardDecision(now)
            show(decision, view)
            switch decision {
            case .keep: return try clear(view, fork: nil, "the timeline was cleared before")
            case .wait(let reason):
                report.once("decision", .refuse, reason, node: session?.node, timeline: view.timeline)
                return
            case .settle:
                guard try settle(view) else { return }
            case .clear(let reason):
                return try clear(view, fork: firstFork(now), reason)
            case .rewind(_, let fork):
                guard try move(view, to: fork, isGap: false) else { continue }
                return try clear(view, fork: fork, "the stored offset was moved back to the fork \(fork)")
            case .gap(let gap):
                return try hold(gap, view)
            case .skip(let gap):
                return try skip(gap, view, fork: firstFork(now))
            }
        }
    }

    /// Opens the gate of a connector that is not there, so that it can be registered.
    mutating func changeWithoutConnector(_ view: LeaderSession.View) throws(GuardError) {
        let isAccepted = board.now.acceptedTimeline == view.timeline
        guard let cleared = state.clearedTimeline, !state.allowsVacancy(on: view.timeline), !isAccepted
        else {
            return try clear(view, fork: nil, "there is no connector \(settings.connector) yet")
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
        case .clear(let reason): text = reason
        case .rewind(let from, let to): text = "the stored offset \(from) goes back to the fork \(to)"
        case .gap(let gap), .skip(let gap): text = "gap from \(gap.range): \(gap.reason)"
        }
        board.change { $0.decision = text }
    }

    func situation(_ view: LeaderSession.View) throws(GuardError) -> GuardSituation {
        let (connect, name) = (connect, settings.connector)
        let forks = try forks(view)
        let offset = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }.furthest
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
            isGapAccepted: accepted == view.timeline
        )
    }

    /// Where each former timeline ended: from the leader itself, or from Patroni, which knows it a moment later.
    private func forks(_ view: LeaderSession.View) throws(GuardError) -> [Timeline: LSN] {
        guard view.timeline.rawValue > 1, let session else { return [:] }
        let own = try onLeader { () throws(PostgresError) in try session.ends(before: view.timeline) }
        if let own { return own }
        let patroni = patroni
        let history = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.history()
        }
        return TimelineHistory.ends(history)
    }

    /// From where on events may be of a dead timeline.
    private func firstFork(_ now: GuardSituation) -> LSN? {
        let first = now.cleared?.rawValue ?? now.timeline.rawValue - 1
        let forks = now.forks.filter { $0.key.rawValue >= first && $0.key < now.timeline }.values
        return (forks + [now.bound].compactMap(\.self)).min()
    }

    func status() throws(GuardError) -> ConnectorStatus {
        let (connect, name) = (connect, settings.connector)
        let status = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.status(of: name)
        }
        board.change { $0.connector = status.summary }
        return status
    }
}
