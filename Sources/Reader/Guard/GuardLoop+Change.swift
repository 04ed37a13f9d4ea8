import Shared

/// What happens when the leader's timeline is not cleared.
extension GuardLoop {
    private static let stopTimeout: Duration = .seconds(20)

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
    ///
    /// Not so where a connector of this name was guarded before: its offsets outlive it, and may be behind a fork.
    mutating func changeWithoutConnector(_ view: LeaderSession.View) throws(GuardError) {
        let isAccepted = board.now.acceptedTimeline == view.timeline
        guard let cleared = state.clearedTimeline, cleared != view.timeline, !isAccepted else {
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

    /// Only says what it would do.
    mutating func rehearse(_ view: LeaderSession.View) throws(GuardError) {
        var now = try situation(view)
        let first = GuardDecision(now)
        if first == .settle {
            report.once(
                "rehearsed settle",
                .settle,
                "restart the tasks, so that the offset is final",
                timeline: view.timeline
            )
            now.isOffsetFinal = true
        }
        let decision = GuardDecision(now)
        show(decision, view)
        switch decision {
        case .keep:
            report.once("rehearsed", .clear, "timeline \(view.timeline) is cleared", timeline: view.timeline)
        case .settle: break
        case .wait(let reason): report.once("rehearsed", .refuse, reason, timeline: view.timeline)
        case .clear(let reason):
            // From here on this is what a guard would know.
            report.once("rehearsed", .clear, reason, timeline: view.timeline)
            state.cleared = view.timeline.rawValue
        case .rewind(let from, let to):
            let isNew = report.once(
                "rehearsed \(view.timeline)",
                .stop,
                "stop the connector, move its offset back to the fork, resume it: without it the stream skips "
                    + "what timeline \(view.timeline) commits before \(from)",
                timeline: view.timeline,
                from: from,
                to: to
            )
            if isNew { state.cleared = view.timeline.rawValue }
        case .gap(let gap), .skip(let gap):
            report.once(
                "rehearsed",
                .gap,
                "\(gap.reason): lost is \(gap.range)",
                timeline: view.timeline,
                from: gap.from,
                to: gap.to
            )
        }
    }

    private func show(_ decision: GuardDecision, _ view: LeaderSession.View) {
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

    private func situation(_ view: LeaderSession.View) throws(GuardError) -> GuardSituation {
        let (patroni, connect, name) = (patroni, connect, settings.connector)
        var forks: [Timeline: LSN] = [:]
        if view.timeline.rawValue > 1 {
            let history = try waiting(for: .patroni) { () async throws(ClusterError) in
                try await patroni.history()
            }
            for fork in history { forks[fork.timeline] = fork.lsn }
        }
        let offset = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }.furthest
        board.change { $0.offset = offset }
        let accepted = board.now.acceptedTimeline
        return GuardSituation(
            timeline: view.timeline,
            forks: forks,
            cleared: state.clearedTimeline,
            offset: offset,
            isOffsetFinal: settled == view.timeline,
            slot: view.slot,
            isGapAccepted: accepted == view.timeline
        )
    }

    /// From where on events may be of a dead timeline.
    private func firstFork(_ now: GuardSituation) -> LSN? {
        let first = now.cleared?.rawValue ?? now.timeline.rawValue - 1
        return now.forks.filter { $0.key.rawValue >= first && $0.key < now.timeline }.values.min()
    }

    func status() throws(GuardError) -> ConnectorStatus {
        let (connect, name) = (connect, settings.connector)
        let status = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.status(of: name)
        }
        board.change { $0.connector = status.summary }
        return status
    }

    /// Ends every task that may have read from a former timeline, with the gate closed.
    ///
    /// A task that goes on would store, whenever Kafka Connect likes, what it had read behind the fork.
    ///
    /// - Returns: whether the offset is final now.
    private mutating func settle(_ view: LeaderSession.View) throws(GuardError) -> Bool {
        // HAProxy may lead to the former leader until its next question.
        let (seconds, attoseconds) = settings.checkInterval.components
        let margin = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
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

    /// Stops the connector and moves its offset.
    ///
    /// - Returns: false when the offset, read again after the stop, asks for another decision.
    private mutating func move(
        _ view: LeaderSession.View,
        to target: LSN,
        isGap: Bool
    ) throws(GuardError) -> Bool {
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
        }
        guard let from = before.furthest else { return false }
        if !isGap, from <= target { return false }
        let moved = before.moved(to: target)
        try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.store(moved, of: name)
        }
        let after = try waiting(for: .connect) { () async throws(ClusterError) in
            try await connect.offsets(of: name)
        }
        guard after.furthest == target else {
            throw GuardError(.connect, "the offset is not what was stored: it may be stored by another")
        }
        report.rewound(from: from, to: target, timeline: view.timeline)
        board.count(.rewinds)
        settings.pass(.rewound)
        return true
    }

    /// Opens the gate for the timeline, and lets the connector run again if the guard has stopped it.
    private mutating func clear(
        _ view: LeaderSession.View,
        fork: LSN?,
        _ reason: String
    ) throws(GuardError) {
        var cleared = state
        cleared.cleared = view.timeline.rawValue
        if let fork, let facts {
            let scan = PhantomScan(bootstrap: settings.bootstrap, prefix: facts.prefix)
            let ends = try onBroker { () throws(KafkaError) in try scan.ends() }
            cleared.repairs.removeAll { $0.timeline == view.timeline.rawValue }
            cleared.repairs.append(
                .init(timeline: view.timeline.rawValue, fork: fork.rawValue, ends: ends)
            )
        }
        try store(cleared, view)
        state = cleared
        let (node, timeline) = (session?.node ?? "", view.timeline)
        board.change {
            $0.open = (node, timeline, .after(Self.freshness))
            ($0.cleared, $0.decision, $0.acceptedTimeline) = (timeline, "open", nil)
            ($0.gap, $0.gapTimeline) = (nil, nil)
        }
        report.act(.clear, reason, node: node, timeline: timeline)
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

    /// A gap: said once, and kept until a person or a snapshot makes up for it.
    private mutating func hold(_ gap: GuardDecision.Gap, _ view: LeaderSession.View) throws(GuardError) {
        let (isSnapshot, signals) = (settings.onGap == .snapshot, facts?.signals)
        var text = "\(gap.reason): the changes from \(gap.range) are lost to the stream"
        if !isSnapshot {
            text += "; capture waits: accept it with POST /clear/\(view.timeline), or repair the slot"
        } else if signals == nil {
            text +=
                "; capture waits: the connector has no signal.data.collection, so no snapshot can be asked for"
        }
        let isNew = report.once(
            "decision",
            .gap,
            text,
            node: session?.node,
            timeline: view.timeline,
            from: gap.from,
            to: gap.to
        )
        let timeline = view.timeline
        board.change { ($0.gap, $0.gapTimeline) = (gap, timeline) }
        if isNew { board.count(.gaps) }
        if isSnapshot, signals != nil {
            board.change { $0.acceptedTimeline = timeline }
        }
    }

    /// Goes on behind a gap: the slot is made if there is none, the offset moves to where it begins.
    private mutating func skip(
        _ gap: GuardDecision.Gap,
        _ view: LeaderSession.View,
        fork: LSN?
    ) throws(GuardError) {
        guard let session, let facts else { return }
        var begin = gap.to
        if begin == nil {
            begin = try onLeader { () throws(PostgresError) in
                try session.makeSlot(facts.slot, plugin: facts.plugin)
            }
        }
        guard let begin else { throw GuardError(.leader, "slot \(facts.slot) can't be made") }
        guard try move(view, to: begin, isGap: true) else { return }
        if settings.onGap == .snapshot, let signals = facts.signals {
            let tables = try onLeader { () throws(PostgresError) in
                try session.requestSnapshot(
                    signals: TableName(signals),
                    publication: facts.publication,
                    id: "guard-\(view.timeline)"
                )
            }
            report.act(
                .snapshot,
                "an incremental snapshot of \(tables.joined(separator: ", ")) makes up for it; rows that were "
                    + "deleted in the gap stay in the destination",
                timeline: view.timeline,
                from: gap.from,
                to: begin
            )
        }
        try clear(view, fork: fork, "goes on at \(begin), without the changes from \(gap.from) on")
    }
}
