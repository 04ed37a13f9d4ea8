import Cluster
import History
import Model
import Postgres
import Threading

/// The guard's work: looks at the cluster again and again, and carries out what was decided; blocking, for a thread of its
/// own.
///
/// What a look leads to is decided by `GuardTurn`, the way to a clearance by `Clearance`, what a cleared timeline asks for
/// by `Upkeep`. Whatever the guard can't ask makes it wait, and the gate closed: it opens for a leader whose timeline is
/// cleared only.
struct GuardLoop {
    let settings: GuardSettings
    let exchange: GuardExchange
    let report: GuardReport
    let stop: StopSignal
    let repairs = RepairThread()
    var leader: LeaderFinder
    var connector: ConnectorAccess
    var known = GuardKnowledge()
    var timers = GuardTimers()

    init(settings: GuardSettings, exchange: GuardExchange, report: GuardReport, stop: StopSignal) {
        (self.settings, self.exchange, self.report, self.stop) = (settings, exchange, report, stop)
        leader = LeaderFinder(settings)
        connector = ConnectorAccess(settings)
    }

    var board: GuardBoard { exchange.board }

    /// Runs until the end is requested.
    mutating func run() {
        while !stop.isRequested {
            let next = Deadline.after(settings.poll)
            do throws(GuardError) {
                try look()
                answered(.patroni)
                answered(.leader)
            } catch {
                report.failed(error.part, error.reason)
                board.change { $0.failures[error.part] = error.reason }
                // What was true of this session may not be any more.
                if error.part == .leader { leave() }
            }
            stop.sleep(until: next)
        }
        repairs.stop()
    }

    /// What could not be asked before can be asked again.
    func answered(_ part: GuardError.Part) {
        report.answered(part)
        board.change { $0.failures[part] = nil }
    }

    private mutating func leave() {
        leader.leave()
        known.leaveLeader()
        repairs.stop()
        show(isActive: false)
    }

    /// One look: who leads, on which timeline, and what is to be done about it.
    private mutating func look() throws(GuardError) {
        guard let session = try findLeader() else { return }
        known.take(exchange.orders.take())
        // Without Kafka Connect nothing is done, but a gate whose timeline is cleared stays open.
        var unread: GuardError?
        if known.facts == nil {
            do throws(GuardError) { known.facts = try connector.facts() } catch { unread = error }
        }
        exchange.slot.show(known.facts.map { .init(name: $0.slot, plugin: $0.plugin) })
        guard var view = try view(session) else {
            closeGate("\(session.node) is a standby still")
            throw GuardError(.leader, "\(session.node) holds the leader lock, and is a standby still")
        }
        try keepState(&view, session)
        show(view, on: session.node)
        if let unread { throw unread }
        if settings.isDryRun {
            guard known.facts != nil else {
                throw GuardError(.connect, "there is no connector \(settings.connector)")
            }
            return try rehearse(view)
        }
        let isActive = try onLeader { () throws(PostgresError) in try session.tryLock() }
        noteActive(isActive, view.timeline, session.node)
        switch turn(view, isActive) {
        case .standBy: return
        case .keep: try keep(view)
        case .clear(.timeline):
            repairs.stop()
            known.facts = try connector.facts()
            // One that was deleted a moment ago is the next look's matter.
            if known.facts != nil { try clear(view, from: .timeline) }
        case .clear(let beginning): try clear(view, from: beginning)
        }
    }

    private func turn(_ view: LeaderSession.View, _ isActive: Bool) -> GuardTurn {
        GuardTurn(
            .init(
                timeline: view.timeline,
                written: view.written,
                isActive: isActive,
                hasConnector: known.facts != nil,
                connector: settings.connector,
                state: known.state,
                stored: view.state,
                accepted: known.accepted
            )
        )
    }

    // MARK: The leader

    /// The session on the one leader; `nil` while there is none, or more than one.
    private mutating func findLeader() throws(GuardError) -> LeaderSession? {
        let leaders: [String]
        do throws(GuardError) {
            leaders = try leader.names()
        } catch {
            board.change { $0.leader.node = nil }
            throw error
        }
        guard let name = leaders.first, leaders.count == 1 else {
            let reason =
                leaders.isEmpty
                ? "there is no leader" : "\(leaders.sorted().joined(separator: " and ")) both claim to lead"
            closeGate(reason)
            board.change { ($0.leader.node, $0.decision) = (nil, reason) }
            return nil
        }
        if let session = leader.session, session.node == name { return session }
        leave()
        closeGate("\(name) leads now, and nothing is known of it yet")
        board.change { $0.leader.node = name }
        let session = try leader.open(name)
        if session.isSuperuser {
            report.warn(
                "the source's user is a superuser, and the guard needs much less: sql/roles.sql makes a role "
                    + "(docs/roles.md)"
            )
        }
        return session
    }

    /// What the leader says about itself; `nil` where it is none.
    func view(_ session: LeaderSession) throws(GuardError) -> LeaderSession.View? {
        let slot = known.facts?.slot ?? ""
        return try onLeader { () throws(PostgresError) in try session.view(slot: slot) }
    }

    func heldSession() throws(GuardError) -> LeaderSession {
        guard let session = leader.session else { throw GuardError(.leader, "there is no session") }
        return session
    }

    // MARK: What is remembered

    /// Takes over what the leader's table says, and writes it again where the table was lost.
    private mutating func keepState(
        _ view: inout LeaderSession.View,
        _ session: LeaderSession
    ) throws(GuardError) {
        if let stored = view.state {
            known.state = known.state.merged(with: stored)
        } else if session.hasLock, session.known == view.timeline,
            known.state.clearedTimeline == view.timeline
        {
            // This very session has seen the row: nothing forked since, somebody has dropped the table.
            try onLeader { () throws(PostgresError) in try session.makeTable() }
            try store(known.state, view)
            view.state = known.state
            report.act(
                .refuse,
                "the guard's table had lost what it knew of this connector: it was written again",
                node: session.node,
                timeline: view.timeline
            )
        }
        if let kind = view.slotKind { known.state.slot = kind }
    }

    /// Writes the state on the session that holds the lock: whoever lost the lock or the lead writes nothing.
    func store(_ state: GuardState, _ view: LeaderSession.View) throws(GuardError) {
        let session = try heldSession()
        let isStored = try onLeader { () throws(PostgresError) in
            try session.store(state, on: view.timeline)
        }
        guard isStored else {
            throw GuardError(.leader, "\(session.node) is not on timeline \(view.timeline) any more")
        }
    }

    // MARK: What is shown

    mutating func openGate(for node: String, _ timeline: Timeline) {
        exchange.gate.open(for: node, timeline)
        connector.isPrompt = true
        board.change { ($0.held, $0.decision) = (nil, GuardBoard.Content.open) }
    }

    mutating func closeGate(_ reason: String) {
        exchange.gate.close()
        connector.isPrompt = false
        board.change { $0.close(reason) }
    }

    private mutating func show(_ view: LeaderSession.View, on node: String) {
        let cleared = view.state?.clearedTimeline
        let repairs = known.state.repairs
        board.change {
            $0.leader = .init(node: node, timeline: view.timeline, cleared: cleared)
            $0.slot = .init(confirmed: view.slot.confirmed, retained: view.retained)
            $0.repairs = repairs
        }
        // The table was read on this very node: what it says of this timeline was written by its leader.
        if cleared == view.timeline, known.continuity.allows(view.slot) {
            known.endHold()
            openGate(for: node, view.timeline)
        } else {
            closeGate(
                cleared == view.timeline
                    ? "whether the slot is still the same is not known yet"
                    : "timeline \(view.timeline) is not cleared yet"
            )
        }
    }

    private func show(isActive: Bool) {
        board.change { $0.isActive = isActive }
        exchange.slot.show(isActive: isActive)
    }

    private mutating func noteActive(_ isActive: Bool, _ timeline: Timeline, _ node: String) {
        show(isActive: isActive)
        guard known.wasActive != isActive else { return }
        known.wasActive = isActive
        report.act(
            isActive ? .active : .passive,
            isActive ? "this guard has the lock on the leader" : "another guard has the lock on the leader",
            node: node,
            timeline: timeline
        )
    }
}
