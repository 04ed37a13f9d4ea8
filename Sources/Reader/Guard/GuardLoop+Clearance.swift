import Cluster
import History
import Model
import Postgres
import Slots
import Threading

/// How the steps of a `Clearance` are carried out.
extension GuardLoop {
    private static let stopTimeout: Duration = .seconds(20)

    /// Goes the way as far as it leads; what fails is begun anew with the next look.
    mutating func clear(
        _ first: LeaderSession.View,
        from beginning: Clearance.Beginning
    ) throws(GuardError) {
        var way = Clearance(of: first.timeline, filling: filling)
        var view: LeaderSession.View?
        var step = way.begin(beginning)
        while step != .end {
            if step == .look {
                view = try view.map { last throws(GuardError) in try lookAgain(last) } ?? first
            }
            let answer = try carryOut(step, view ?? first)
            let looked = step == .look
            step = way.next(after: answer)
            if looked, let text = way.decision?.text(on: first.timeline) {
                board.change { $0.decision = text }
            }
        }
    }

    /// What becomes of a gap here.
    private var filling: Clearance.Filling {
        guard settings.policy.onGap == .snapshot else { return .person }
        return known.facts?.signals == nil ? .noSignals : .snapshot
    }

    private mutating func carryOut(
        _ step: Clearance.Step,
        _ view: LeaderSession.View
    ) throws(GuardError) -> Clearance.Answer {
        switch step {
        case .look: return .seen(try situation(view))
        case .readTasks: return try readTasks()
        case .restart(let tasks): try restart(tasks, view)
        case .prove(let position): return .proven(try prove(at: position))
        case .makeSlot(let replaces): return .made(begin: try makeSlot(view, replaces: replaces))
        case .stop: return .stopped(offset: try stopConnector(view))
        case .readSlot(let target): return .slot(try slotAfterStop(view, for: target))
        case .move(let from, let to, let isGap): try move(view, from: from, to: to, isGap: isGap)
        case .requestSnapshot(let from, let to): try requestSnapshot(view, from: from, to: to)
        case .noteEnds(let fork): return .ends(try repair(from: fork, view))
        case .clear(let clearing): try clear(view, clearing)
        case .resume: try resume(view)
        case .hold(let hold): self.hold(hold, view)
        case .refuse(let reason):
            report.once("decision", .refuse, reason, node: leader.session?.node, timeline: view.timeline)
        case .end: break
        }
        return .done
    }

    /// The connector's tasks, once a yes of before can't lead HAProxy to the former leader any more.
    private func readTasks() throws(GuardError) -> Clearance.Answer {
        let closedAt = exchange.gate.questions.saidYesAt + settings.checkInterval.nanoseconds
        if closedAt > Moment.monotonicNow() { stop.sleep(until: Deadline(monotonic: closedAt)) }
        let status = try status()
        let tasks = status.tasks.compactMap { task in
            task.id.map { Clearance.Task(id: $0, hasFailed: task.state == "FAILED") }
        }
        return .tasks(tasks, isStopped: status.connector.state == "STOPPED")
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

    // MARK: Acts

    /// Ends every task that may have read from a former timeline, with the gate closed.
    ///
    /// A task that goes on would store, whenever Kafka Connect likes, what it had read after the fork.
    private mutating func restart(_ tasks: [Int], _ view: LeaderSession.View) throws(GuardError) {
        for task in tasks { try connector.restart(task: task) }
        known.settled = view.timeline
        let text =
            tasks.isEmpty
            ? "no task that read from the former timeline runs any more"
            : "restarted \(tasks.count == 1 ? "the task" : "\(tasks.count) tasks") with the gate closed"
        report.act(.settle, text, node: leader.session?.node, timeline: view.timeline)
        settings.pass(.settled)
    }

    /// Where the slot begins that was made.
    private func makeSlot(_ view: LeaderSession.View, replaces: Bool) throws(GuardError) -> LSN {
        let session = try heldSession()
        guard let facts = known.facts else { throw GuardError(.connect, "there is no connector") }
        var kind = view.slotKind ?? known.state.slot ?? GuardState.SlotKind()
        kind.isFailover = kind.isFailover || facts.isFailoverSlot
        let begin = try onLeader { () throws(PostgresError) in
            try session.makeSlot(facts.slot, plugin: facts.plugin, kind: kind, replaces: replaces)
        }
        guard let begin else { throw GuardError(.leader, "slot \(facts.slot) can't be made") }
        return begin
    }

    /// Stops the connector; its offset, when no task lives any more.
    private mutating func stopConnector(_ view: LeaderSession.View) throws(GuardError) -> LSN? {
        guard known.facts != nil else { return nil }
        if try status().connector.state != "STOPPED" {
            known.state.hasStopped = true
            try store(known.state, view)
            settings.pass(.stopping)
            try connector.stop()
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
        return try storedOffset()
    }

    private func move(
        _ view: LeaderSession.View,
        from: LSN,
        to target: LSN,
        isGap: Bool
    ) throws(GuardError) {
        guard let facts = known.facts else { throw GuardError(.connect, "there is no connector") }
        let before = try connector.offsets(of: facts.prefix)
        // What goes back to a fork takes no position along that is before it.
        try connector.store(isGap ? before.moved(to: target) : before.lowered(to: target))
        guard try connector.offsets(of: facts.prefix).furthest == target else {
            throw GuardError(.connect, "the offset is not what was stored: it may be stored by another")
        }
        report.rewound(from: from, to: target, timeline: view.timeline)
        board.count(.rewinds)
        settings.pass(.rewound)
    }

    private func requestSnapshot(_ view: LeaderSession.View, from: LSN, to: LSN) throws(GuardError) {
        let session = try heldSession()
        guard let facts = known.facts, let signals = facts.signals else { return }
        let table: TableName
        do throws(UnquotableText) {
            table = try TableName(signals)
        } catch {
            throw GuardError(.connect, "the connector's signal.data.collection: \(error)")
        }
        let tables = try onLeader { () throws(PostgresError) in
            try session.requestSnapshot(
                signals: table,
                publication: facts.publication,
                id: "guard-\(view.timeline)"
            )
        }
        report.act(
            .snapshot,
            "an incremental snapshot of \(tables.joined(separator: ", ")) makes up for it; rows that were "
                + "deleted in the gap stay in the destination",
            timeline: view.timeline,
            from: from,
            to: to
        )
    }

    /// Writes down that the timeline is cleared, and opens the gate.
    private mutating func clear(
        _ view: LeaderSession.View,
        _ clearing: Clearance.Clearing
    ) throws(GuardError) {
        let (session, timeline) = (try heldSession(), view.timeline)
        var cleared = known.state
        cleared.cleared = timeline.rawValue
        cleared.fork = clearing.branch?.rawValue
        cleared.isVacant = known.facts == nil
        if let repair = clearing.repair {
            cleared.repairs.removeAll { $0.timeline == timeline.rawValue }
            cleared.repairs.append(repair)
        }
        try store(cleared, view)
        known.state = cleared
        known.continuity.cleared(view.written)
        known.endHold()
        timers.cleared()
        board.change { $0.leader.cleared = timeline }
        openGate(for: session.node, timeline)
        report.act(.clear, clearing.reason, node: session.node, timeline: timeline)
        if let text = clearing.unjudged { report.act(.refuse, text, node: session.node, timeline: timeline) }
        report.forget("decision")
        board.count(.clears)
        settings.pass(.cleared)
    }

    /// Resumes the connector if the guard has stopped it.
    mutating func resume(_ view: LeaderSession.View) throws(GuardError) {
        guard known.state.hasStopped else { return }
        if try status().connector.state == "STOPPED" {
            try connector.resume()
            report.act(.resume, "its offset is right for timeline \(view.timeline)", timeline: view.timeline)
        }
        settings.pass(.resumed)
        known.state.hasStopped = false
        try store(known.state, view)
    }

    /// A gap: said once, and kept until a person or a snapshot makes up for it.
    private mutating func hold(_ hold: Clearance.Hold, _ view: LeaderSession.View) {
        let (node, timeline, gap) = (leader.session?.node, view.timeline, hold.gap)
        if hold.isLoss {
            let isNew = report.once(
                "decision",
                .gap,
                hold.text,
                node: node,
                timeline: timeline,
                from: gap.from,
                to: gap.to
            )
            if isNew { board.count(.gaps) }
        } else {
            report.once("decision", .refuse, hold.text, node: node, timeline: timeline)
        }
        known.held = timeline
        if hold.isFilled { known.accepted = timeline }
        board.change {
            $0.held = .init(timeline: timeline, gap: gap)
            $0.decision = hold.isLoss ? gap.text : gap.reason
        }
    }
}
