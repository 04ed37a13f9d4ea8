import Shared

/// The guard's work: looks at the cluster again and again, and decides; blocking, for a thread of its own.
///
/// Whatever it can't ask makes it wait, and the gate closed: it opens for a leader whose timeline is cleared only.
struct GuardLoop {
    let settings: GuardSettings
    let board: GuardBoard
    let report: GuardReport
    let stop: StopSignal

    let patroni: PatroniClient
    let connect: ConnectClient
    var session: LeaderSession?
    /// The leader as the cluster describes it.
    var member: ClusterState.Member?
    var facts: ConnectorFacts?
    var state = GuardState()
    /// The timeline for which no task of a former one lives any more.
    var settled: Timeline?
    var wasActive: Bool?
    var restarts = RestartSchedule()
    /// When the connector is looked at next, while its timeline is cleared.
    var nextCheck = Deadline(monotonic: 0)
    var nextRepair = Deadline(monotonic: 0)
    var repairing: StopSignal?

    /// For how long an answer holds that is not confirmed by a new look.
    static let freshness: Duration = .seconds(5)

    init(settings: GuardSettings, board: GuardBoard, report: GuardReport, stop: StopSignal) {
        (self.settings, self.board, self.report, self.stop) = (settings, board, report, stop)
        patroni = PatroniClient(servers: settings.patroni)
        // A stop takes as long as the tasks that end; the worker answers when it is done.
        connect = ConnectClient(servers: settings.connect, timeout: .seconds(8))
    }

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
        repairing?.request()
    }

    /// What could not be asked before can be asked again.
    func answered(_ part: GuardError.Part) {
        report.answered(part)
        board.change { $0.failures[part] = nil }
    }

    private mutating func leave() {
        session = nil
        // The next session may be with another leader of the same number.
        settled = nil
        repairing?.request()
        repairing = nil
        board.change { $0.isActive = false }
    }

    /// One look: who leads, on which timeline, and what is to be done about it.
    private mutating func look() throws(GuardError) {
        guard let session = try findLeader() else { return }
        if facts == nil { facts = try readFacts() }
        let slot = facts?.slot ?? ""
        let answer = try onLeader { () throws(PostgresError) in try session.view(slot: slot) }
        guard let view = answer else {
            board.change { $0.open = nil }
            throw GuardError(.leader, "\(session.node) holds the leader lock, and is a standby still")
        }
        if let stored = view.state { state = state.merged(with: stored) }
        show(view, on: session.node)
        if settings.isDryRun {
            guard facts != nil else {
                throw GuardError(.connect, "there is no connector \(settings.connector)")
            }
            return try rehearse(view)
        }
        let isActive = try onLeader { () throws(PostgresError) in try session.tryLock() }
        noteActive(isActive, view.timeline, session.node)
        guard isActive else { return }
        if state.clearedTimeline == view.timeline, view.state?.clearedTimeline == view.timeline {
            try keep(view)
        } else if facts == nil {
            try changeWithoutConnector(view)
        } else {
            facts = try readFacts()
            try change(view)
        }
    }

    /// The connector's configuration; `nil` where Kafka Connect has no such connector.
    func readFacts() throws(GuardError) -> ConnectorFacts? {
        let (connect, name) = (connect, settings.connector)
        do throws(GuardError) {
            return try ConnectorFacts(
                try waiting(for: .connect) { () async throws(ClusterError) in
                    try await connect.configuration(of: name)
                }
            )
        } catch {
            guard error.isMissing else { throw error }
            return nil
        }
    }

    /// The session on the one leader; `nil` while there is none, or more than one.
    private mutating func findLeader() throws(GuardError) -> LeaderSession? {
        let patroni = patroni
        let leaders: [String]
        do throws(GuardError) {
            leaders = try waiting(for: .patroni) { () async throws(ClusterError) in
                try await patroni.leaders()
            }
        } catch {
            board.change { $0.leader = nil }
            throw error
        }
        guard let name = leaders.first, leaders.count == 1 else {
            let reason =
                leaders.isEmpty
                ? "there is no leader" : "\(leaders.sorted().joined(separator: " and ")) both claim to lead"
            board.change {
                ($0.open, $0.leader, $0.decision) = (nil, nil, reason)
            }
            return nil
        }
        if let session, session.node == name { return session }
        leave()
        board.change { ($0.open, $0.leader) = (nil, name) }
        let cluster = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.cluster()
        }
        guard let found = cluster.members.first(where: { $0.name == name }) else {
            throw GuardError(.patroni, "the cluster has no member \(name), which claims to lead")
        }
        member = found
        let (source, connector) = (settings.source, settings.connector)
        let opened = try onLeader { () throws(PostgresError) in
            try LeaderSession.open(source, member: found, connector: connector)
        }
        session = opened
        return opened
    }

    private func show(_ view: LeaderSession.View, on node: String) {
        let cleared = view.state?.clearedTimeline
        // The table was read on this very node: what it says of this timeline was written by its leader.
        let isOpen = cleared == view.timeline
        let repairs = state.repairs
        board.change {
            $0.leader = node
            $0.timeline = view.timeline
            $0.cleared = cleared
            $0.retained = view.retained
            $0.repairs = repairs
            if case .at(let confirmed, _) = view.slot { $0.confirmed = confirmed } else { $0.confirmed = nil }
            if isOpen {
                $0.open = (node, view.timeline, .after(Self.freshness))
                ($0.gap, $0.gapTimeline, $0.decision) = (nil, nil, "open")
            } else {
                if $0.open != nil || $0.decision == "open" {
                    $0.decision = "timeline \(view.timeline) is not cleared yet"
                }
                $0.open = nil
            }
        }
    }

    private mutating func noteActive(_ isActive: Bool, _ timeline: Timeline, _ node: String) {
        board.change { $0.isActive = isActive }
        guard wasActive != isActive else { return }
        wasActive = isActive
        report.act(
            isActive ? .active : .passive,
            isActive ? "this guard has the lock on the leader" : "another guard has the lock on the leader",
            node: node,
            timeline: timeline
        )
    }
}
