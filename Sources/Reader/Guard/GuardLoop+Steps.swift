import Cluster
import History
import Model
import Postgres
import Threading

/// The steps that make a timeline ready for capture; each can be begun anew after a crash.
extension GuardLoop {
    private static let stopTimeout: Duration = .seconds(20)

    /// Ends every task that may have read from a former timeline, with the gate closed.
    ///
    /// A task that goes on would store, whenever Kafka Connect likes, what it had read after the fork.
    ///
    /// - Returns: whether the offset is final now.
    mutating func settle(_ view: LeaderSession.View) throws(GuardError) -> Bool {
        // HAProxy may lead to the former leader until its next question.
        let margin = settings.checkInterval.nanoseconds
        let closedAt = board.now.saidYesAt + margin
        if closedAt > Moment.monotonicNow() { stop.sleep(until: Deadline(monotonic: closedAt)) }
        let status = try status()
        if status.tasks.isEmpty, status.connector.state != "STOPPED" {
            report.once("decision", .refuse, "the connector has no task yet", timeline: view.timeline)
            return false
        }
        let living = status.tasks.filter { $0.state != "FAILED" }.compactMap(\.id)
        let (connect, name) = (connect, settings.connector)
        for task in living {
            try waiting(for: .connect) { () async throws(ClusterError) in
                try await connect.restart(task: task, of: name)
            }
        }
        settled = view.timeline
        let text =
            living.isEmpty
            ? "no task that read from the former timeline runs any more"
            : "restarted \(living.count == 1 ? "the task" : "\(living.count) tasks") with the gate closed"
        report.act(.settle, text, node: session?.node, timeline: view.timeline)
        settings.pass(.settled)
        return true
    }

    /// What came of an offset that was to be moved.
    enum Move {
        case moved
        /// Offset or slot, read again after the stop, ask for another decision.
        case again
        /// It can't be moved yet; the reason was said.
        case held
    }

    /// Stops the connector and moves its offset.
    ///
    /// - Parameter isGap: an accepted gap, after which the offset goes on; else it goes back, and never forward.
    mutating func move(
        _ view: LeaderSession.View,
        to target: LSN,
        isGap: Bool
    ) throws(GuardError) -> Move {
        guard let facts else { return .again }
        let (connect, name) = (connect, settings.connector)
        if try status().connector.state != "STOPPED" {
            state.hasStopped = true
            try store(state, view)
            settings.pass(.stopping)
            try waiting(for: .connect) { () async throws(ClusterError) in try await connect.stop(name) }
            report.act(.stop, "to move its offset", timeline: view.timeline)
        }
        let deadline = Deadline.after(Self.stopTimeout)
        while true {
            let status = try status()
            if status.connector.state == "STOPPED", status.tasks.isEmpty { break }
            guard !deadline.hasPassed, !stop.isRequested else {
                throw GuardError(.connect, "the connector does not stop: it \(status.summary)")
            }
            stop.sleep(.milliseconds(50))
        }
        settings.pass(.stopped)
        let before = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }.of(server: facts.prefix)
        guard let from = before.furthest else { return .again }
        if !isGap, from <= target { return .again }
        switch try slotAfterStop(view, for: target) {
        case .ready: break
        case .changed: return .again
        case .isRead(let process):
            report.once(
                "decision",
                .refuse,
                "the connector is stopped, and the leader's process \(process) still reads its slot past the gate: end "
                    + "it, and let it connect through HAProxy's listener for capture; capture waits",
                node: session?.node,
                timeline: view.timeline
            )
            return .held
        }
        let moved = isGap ? before.moved(to: target) : before.lowered(to: target)
        try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.store(moved, of: name)
        }
        let after = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }.of(server: facts.prefix)
        guard after.furthest == target else {
            throw GuardError(.connect, "the offset is not what was stored: it may be stored by another")
        }
        report.rewound(from: from, to: target, timeline: view.timeline)
        board.count(.rewinds)
        settings.pass(.rewound)
        return .moved
    }

    /// The slot, read now that no task lives: the server may need a while to notice that its reader is gone.
    private func slotAfterStop(
        _ view: LeaderSession.View,
        for target: LSN
    ) throws(GuardError) -> SlotAfterStop {
        let deadline = Deadline.after(Self.stopTimeout)
        while true {
            let found = try lookAgain(view)
            let slot = SlotAfterStop(found.slot, reader: found.slotReader, target: target)
            guard case .isRead = slot, !deadline.hasPassed, !stop.isRequested else { return slot }
            stop.sleep(.milliseconds(200))
        }
    }

    /// Opens the gate for the timeline, and lets the connector run again if the guard has stopped it.
    ///
    /// - Parameter now: what was decided on; `nil` where no offset was looked at.
    mutating func clear(
        _ view: LeaderSession.View,
        of now: GuardSituation?,
        _ reason: String
    ) throws(GuardError) {
        var cleared = state
        cleared.cleared = view.timeline.rawValue
        cleared.fork = now?.branch?.rawValue
        cleared.isVacant = facts == nil
        if let fork = now?.phantoms, let repair = try repair(from: fork, view) {
            cleared.repairs.removeAll { $0.timeline == view.timeline.rawValue }
            cleared.repairs.append(repair)
        }
        try store(cleared, view)
        state = cleared
        continuity.cleared(view.written)
        let (node, timeline) = (session?.node ?? "", view.timeline)
        board.change {
            $0.open = (node, timeline, .after(Self.freshness))
            ($0.cleared, $0.decision, $0.acceptedTimeline) = (timeline, "open", nil)
            ($0.gap, $0.gapTimeline) = (nil, nil)
        }
        report.act(.clear, reason, node: node, timeline: timeline)
        if let text = now?.unjudgedText { report.act(.refuse, text, node: node, timeline: timeline) }
        report.forget("decision")
        board.count(.clears)
        restarts.reset()
        nextCheck = Deadline(monotonic: 0)
        nextRepair = .after(.milliseconds(100))
        settings.pass(.cleared)
        try resumeIfStopped(view)
    }

    /// Resumes the connector if the guard has stopped it.
    mutating func resumeIfStopped(_ view: LeaderSession.View) throws(GuardError) {
        guard state.hasStopped else { return }
        let (connect, name) = (connect, settings.connector)
        if try status().connector.state == "STOPPED" {
            try waiting(for: .connect) { () async throws(ClusterError) in try await connect.resume(name) }
            report.act(.resume, "its offset is right for timeline \(view.timeline)", timeline: view.timeline)
        }
        settings.pass(.resumed)
        state.hasStopped = false
        try store(state, view)
    }

    /// Writes the state on the session that holds the lock: whoever lost the lock or the lead writes nothing.
    func store(_ state: GuardState, _ view: LeaderSession.View) throws(GuardError) {
        guard let session else { throw GuardError(.leader, "there is no session") }
        let isStored = try onLeader { () throws(PostgresError) in
            try session.store(state, on: view.timeline)
        }
        guard isStored else {
            throw GuardError(.leader, "\(session.node) is not on timeline \(view.timeline) any more")
        }
    }
}
