import Access
import Cluster
import History
import Model
import Postgres
import Threading

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
    private let promptConnect: ConnectClient
    var session: LeaderSession?
    /// Where the leader's PostgreSQL listens.
    var place: MemberAddress?
    private var trust: MemberTrust
    var facts: ConnectorFacts?
    var state = GuardState()
    /// The timeline for which no task of a former one lives any more.
    var settled: Timeline?
    var wasActive: Bool?
    /// Whether the slot of the cleared timeline is still the one that was read from.
    var continuity = SlotContinuity()
    var restarts = RestartSchedule()
    /// When the connector is looked at next, while its timeline is cleared.
    var nextCheck = Deadline(monotonic: 0)
    var nextRepair = Deadline(monotonic: 0)
    var repairing: StopSignal?

    /// For how long an answer holds that is not confirmed by a new look.
    static let freshness: Duration = .seconds(5)

    init(settings: GuardSettings, board: GuardBoard, report: GuardReport, stop: StopSignal) {
        (self.settings, self.board, self.report, self.stop) = (settings, board, report, stop)
        patroni = PatroniClient(settings.patroni)
        trust = MemberTrust(
            given: settings.members,
            isPatroniAuthentic: settings.patroni.areAuthentic,
            source: settings.source
        )
        // A stop takes as long as the tasks that end; the worker answers when it is done.
        connect = ConnectClient(settings.connect, timeout: .seconds(8))
        promptConnect = ConnectClient(settings.connect, timeout: .seconds(1))
    }

    /// Kafka Connect for a question.
    ///
    /// While the gate is open, a look must take less than `freshness` with the servers that hang, or one frozen
    /// worker would close the gate and cut what reads through it on another.
    var questioned: ConnectClient { board.now.open == nil ? connect : promptConnect }

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
        continuity = SlotContinuity()
        repairing?.request()
        repairing = nil
        board.change { $0.isActive = false }
    }

    /// One look: who leads, on which timeline, and what is to be done about it.
    private mutating func look() throws(GuardError) {
        guard let session = try findLeader() else { return }
        // Without Kafka Connect nothing is done, but a gate whose timeline is cleared stays open.
        var unread: GuardError?
        if facts == nil {
            do throws(GuardError) { facts = try readFacts() } catch { unread = error }
        }
        let slot = facts?.slot ?? ""
        let named = facts.map { (name: $0.slot, plugin: $0.plugin) }
        board.change { $0.slot = named }
        let answer = try onLeader { () throws(PostgresError) in try session.view(slot: slot) }
        guard var view = answer else {
            board.change { $0.open = nil }
            throw GuardError(.leader, "\(session.node) holds the leader lock, and is a standby still")
        }
        try keepState(&view, session)
        show(view, on: session.node)
        if let unread { throw unread }
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

    /// Takes over what the leader's table says, and writes it again where the table was lost.
    private mutating func keepState(
        _ view: inout LeaderSession.View,
        _ session: LeaderSession
    ) throws(GuardError) {
        if let stored = view.state {
            state = state.merged(with: stored)
        } else if session.hasLock, session.known == view.timeline, state.clearedTimeline == view.timeline {
            // This very session has seen the row: nothing forked since, somebody has dropped the table.
            let known = state
            try onLeader { () throws(PostgresError) in try session.makeTable() }
            try store(known, view)
            view.state = known
            report.act(
                .refuse,
                "the guard's table had lost what it knew of this connector: it was written again",
                node: session.node,
                timeline: view.timeline
            )
        }
        if let kind = view.slotKind { state.slot = kind }
    }

    /// The connector's configuration; `nil` where Kafka Connect has no such connector.
    func readFacts() throws(GuardError) -> ConnectorFacts? {
        let (connect, name) = (questioned, settings.connector)
        do throws(GuardError) {
            return try ConnectorFacts(
                try waiting(for: .connect) { () async throws(ClusterError) in
                    try await connect.configuration(of: name)
                },
                isSlotAdvanceAllowed: settings.policy.isSlotAdvanceAllowed
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
        let address = try trusted(found)
        place = address
        let (source, connector, table) = (settings.source, settings.connector, settings.table)
        let opened = try onLeader { () throws(PostgresError) in
            try LeaderSession.open(
                source.reaching(address, as: "reader guard"),
                name,
                connector: connector,
                table: table
            )
        }
        if opened.isSuperuser {
            report.warn(
                "the source's user is a superuser, and the guard needs much less: sql/roles.sql makes a role "
                    + "(docs/roles.md)"
            )
        }
        session = opened
        return opened
    }

    /// Where the leader is reached with the source's password, if something vouches for it.
    private mutating func trusted(_ member: ClusterState.Member) throws(GuardError) -> MemberAddress {
        let (name, address) = (member.name, MemberAddress(host: member.host, port: member.port))
        var answer = trust.answer(about: name, at: address)
        if answer == .askSource {
            let source = settings.source
            let met: MemberAddress?
            do throws(PostgresError) {
                met = try LeaderSession.address(of: source)
            } catch {
                throw GuardError(
                    .leader,
                    "\(error); the source's URL is asked first, because Patroni, which names \(name) at "
                        + "\(address), is asked without TLS: --members NAME=HOST:PORT,… makes that needless"
                )
            }
            answer = trust.answer(about: name, at: address, met: met)
        }
        switch answer {
        case .reach(let address): return address
        case .refuse(let reason): throw GuardError(.leader, reason)
        case .askSource: preconditionFailure("the source was asked")
        }
    }

    private func show(_ view: LeaderSession.View, on node: String) {
        let cleared = view.state?.clearedTimeline
        // The table was read on this very node: what it says of this timeline was written by its leader.
        let isOpen = cleared == view.timeline && continuity.allows(view.slot)
        let repairs = state.repairs
        board.change {
            $0.leader = node
            $0.timeline = view.timeline
            $0.cleared = cleared
            $0.retained = view.retained
            $0.repairs = repairs
            $0.confirmed = view.slot.confirmed
            if isOpen {
                $0.open = (node, view.timeline, .after(Self.freshness))
                ($0.gap, $0.gapTimeline, $0.decision) = (nil, nil, "open")
            } else {
                if $0.open != nil || $0.decision == "open" {
                    $0.decision =
                        cleared == view.timeline
                        ? "whether the slot is still the same is not known yet"
                        : "timeline \(view.timeline) is not cleared yet"
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
