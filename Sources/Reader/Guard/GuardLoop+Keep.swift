import Cluster
import History
import Model

/// What happens while the leader's timeline is cleared.
extension GuardLoop {
    /// How long HAProxy may take to ask again once the gate is open.
    private static let patience: UInt64 = 3_000_000_000

    /// Restarts what failed, and puts phantoms right.
    mutating func keep(_ view: LeaderSession.View) throws(GuardError) {
        guard try isContinuous(view) else { return }
        try resumeIfStopped(view)
        try finishRepairs(view)
        try takeOrder(view)
        startRepair(view)
        guard nextCheck.hasPassed else { return }
        nextCheck = .after(max(settings.poll, .milliseconds(500)))
        guard let status = try statusIfThere() else { return }
        if state.isVacant, facts != nil {
            state.isVacant = false
            try store(state, view)
        }
        answered(.connect)
        answered(.broker)
        let now = Moment.monotonicNow()
        restarts.see(isRunning: status.isRunning, at: now)
        let failed = status.failedTasks
        guard !failed.isEmpty, isOpenForHAProxy(now), restarts.isDue(at: now) else { return }
        let (connect, name) = (questioned, settings.connector)
        restarts.restarted(at: now)
        let stored = try storedOffset()
        board.change { $0.offset = stored }
        try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.restartFailed(of: name)
        }
        for (task, reason) in failed {
            report.restarted(task: task, reason, from: stored, timeline: view.timeline)
            board.count(.restarts)
        }
    }

    /// Whether the slot is still the one that the stream has read from; what is missing else is held as a gap.
    private mutating func isContinuous(_ view: LeaderSession.View) throws(GuardError) -> Bool {
        if facts == nil {
            continuity.hasNoConnector()
        } else if case .at(_, isStreaming: true) = view.slot {
            continuity.streams(view.written)
        } else if continuity.wantsOffset(for: view.slot) {
            do throws(GuardError) {
                let offset = try storedOffset()
                board.change { $0.offset = offset }
                continuity.compare(view.slot, offset: offset, view.written)
            } catch {
                guard error.isMissing else { throw error }
                continuity.hasNoConnector()
            }
        }
        guard let gap = continuity.gap else { return true }
        board.change { $0.open = nil }
        if board.now.acceptedTimeline == view.timeline {
            try skip(gap, view, of: nil)
        } else {
            try hold(gap, view)
        }
        return false
    }

    /// `nil` where the connector was deleted: what it is when it comes back is read again.
    private mutating func statusIfThere() throws(GuardError) -> ConnectorStatus? {
        do throws(GuardError) {
            let status = try status()
            if facts == nil { facts = try readFacts() }
            report.forget("connector")
            return status
        } catch {
            guard error.isMissing else { throw error }
            // Kafka Connect has said so: it can be asked again.
            answered(.connect)
            facts = nil
            board.change { $0.connector = "there is no such connector" }
            report.once(
                "connector",
                .refuse,
                "there is no connector \(settings.connector): nothing to restart"
            )
            return nil
        }
    }

    /// Whether HAProxy knows that the gate is open; a restart before would only fail again.
    private func isOpenForHAProxy(_ now: UInt64) -> Bool {
        let found = board.now
        guard let askedAt = found.askedAt, now - askedAt < Self.patience else {
            report.once(
                "gate",
                .refuse,
                "nobody asks for the gate: does the connector connect through HAProxy's listener for capture?"
            )
            return true
        }
        report.forget("gate")
        return found.saidYesTo == session?.node && now - found.saidYesAt < Self.patience
    }
}
