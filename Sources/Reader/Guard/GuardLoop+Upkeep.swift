import Cluster
import History
import Model

/// What happens while the leader's timeline is cleared: what failed is restarted, and phantoms are put right.
extension GuardLoop {
    mutating func keep(_ view: LeaderSession.View) throws(GuardError) {
        guard try isContinuous(view) else { return }
        let progress = repairs.progress
        let steps = Upkeep.steps(
            .init(
                hasStopped: known.state.hasStopped,
                done: progress.done,
                ordered: known.ordered,
                isRepairDue: timers.nextRepair.hasPassed && !progress.isRunning,
                isCheckDue: timers.nextCheck.hasPassed
            )
        )
        for step in steps {
            switch step {
            case .resume: try resume(view)
            case .forget(let done): try forget(done, view)
            case .note(let ended): try note(ended, view)
            case .repair: startRepair(view)
            case .check: try check(view)
            }
        }
    }

    /// Whether the slot is still the one that the stream has read from; what is missing else is held as a gap.
    private mutating func isContinuous(_ view: LeaderSession.View) throws(GuardError) -> Bool {
        if known.facts == nil {
            known.continuity.hasNoConnector()
        } else if case .at(_, isStreaming: true) = view.slot {
            known.continuity.streams(view.written)
        } else if known.continuity.wantsOffset(for: view.slot) {
            do throws(GuardError) {
                known.continuity.compare(view.slot, offset: try storedOffset(), view.written)
            } catch {
                guard error.isMissing else { throw error }
                known.continuity.hasNoConnector()
            }
        }
        guard let gap = known.continuity.gap else { return true }
        closeGate(gap.text)
        try clear(view, from: .gap(gap, isAccepted: known.accepted == view.timeline))
        return false
    }

    /// Looks at the connector, and restarts its tasks that failed.
    private mutating func check(_ view: LeaderSession.View) throws(GuardError) {
        timers.nextCheck = .after(max(settings.poll, .milliseconds(500)))
        guard let status = try statusIfThere() else { return }
        if known.state.isVacant, known.facts != nil {
            known.state.isVacant = false
            try store(known.state, view)
        }
        answered(.connect)
        answered(.broker)
        let now = Moment.monotonicNow()
        timers.restarts.see(isRunning: status.isRunning, at: now)
        let failed = status.failedTasks
        guard !failed.isEmpty, isOpenForHAProxy(now), timers.restarts.isDue(at: now) else { return }
        timers.restarts.restarted(at: now)
        let stored = try storedOffset()
        try connector.restartFailed()
        for (task, reason) in failed {
            report.restarted(task: task, reason, from: stored, timeline: view.timeline)
            board.count(.restarts)
        }
    }

    /// `nil` where the connector was deleted: what it is when it comes back is read again.
    private mutating func statusIfThere() throws(GuardError) -> ConnectorStatus? {
        do throws(GuardError) {
            let status = try status()
            if known.facts == nil { known.facts = try connector.facts() }
            report.forget("connector")
            return status
        } catch {
            guard error.isMissing else { throw error }
            // Kafka Connect has said so: it can be asked again.
            answered(.connect)
            known.facts = nil
            board.change { $0.connector.state = "there is no such connector" }
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
        let knowledge = exchange.gate.questions.knowledge(of: leader.session?.node, at: now)
        guard knowledge == .isNotThere else {
            report.forget("gate")
            return knowledge == .knows
        }
        report.once(
            "gate",
            .refuse,
            "nobody asks for the gate: does the connector connect through HAProxy's listener for capture?"
        )
        return true
    }
}
