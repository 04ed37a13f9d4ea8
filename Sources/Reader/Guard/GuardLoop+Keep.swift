import Shared

/// What happens while the leader's timeline is cleared.
extension GuardLoop {
    /// How long HAProxy may take to ask again once the gate is open.
    private static let patience: UInt64 = 3_000_000_000

    /// Restarts what failed, and puts phantoms right.
    mutating func keep(_ view: LeaderSession.View) throws(GuardError) {
        try resumeIfStopped(view)
        try finishRepairs(view)
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
        let (connect, name) = (connect, settings.connector)
        restarts.restarted(at: now)
        let stored = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }.furthest
        board.change { $0.offset = stored }
        try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.restartFailed(of: name)
        }
        for (task, reason) in failed {
            report.restarted(task: task, reason, from: stored, timeline: view.timeline)
            board.count(.restarts)
        }
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

    private mutating func finishRepairs(_ view: LeaderSession.View) throws(GuardError) {
        let done = board.now.doneRepairs
        guard !done.isEmpty else { return }
        state.repairs.removeAll { done.contains($0) }
        try store(state, view)
        board.change { $0.doneRepairs = [] }
    }

    /// Puts the phantoms of the oldest fork right, on a thread of its own: looking must go on.
    private mutating func startRepair(_ view: LeaderSession.View) {
        guard let repair = state.repairs.first, nextRepair.hasPassed, let facts, let member,
            !board.now.isRepairing
        else { return }
        let signal = StopSignal()
        repairing = signal
        nextRepair = .after(.seconds(2))
        board.change { $0.isRepairing = true }
        let work = PhantomRepair(
            leader: settings.source.reaching(member, as: "reader guard repair"),
            timeline: view.timeline,
            slot: facts.slot,
            repair: repair,
            scan: PhantomScan(bootstrap: settings.bootstrap, prefix: facts.prefix),
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
