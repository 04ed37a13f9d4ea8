import Access
import Cluster
import Model
import Postgres
import Slots

/// Finds the one leader by Patroni, and holds the guard's session on it.
struct LeaderFinder {
    private let settings: GuardSettings
    private let patroni: PatroniClient
    private var trust: MemberTrust
    private(set) var session: LeaderSession?

    init(_ settings: GuardSettings) {
        self.settings = settings
        patroni = PatroniClient(settings.patroni)
        trust = MemberTrust(
            given: settings.members,
            isPatroniAuthentic: settings.patroni.areAuthentic,
            source: settings.source
        )
    }

    /// All members that hold the leader lock by their own word; more than one while the lead changes.
    func names() throws(GuardError) -> [String] {
        let patroni = patroni
        return try waiting(for: .patroni) { () async throws(ClusterError) in try await patroni.leaders() }
    }

    /// Where each former timeline ended, which Patroni knows a moment later than the leader itself.
    func ends() throws(GuardError) -> [Timeline: LSN] {
        let patroni = patroni
        let history = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.history()
        }
        return TimelineHistory.ends(history)
    }

    mutating func leave() {
        session = nil
    }

    /// Begins a session on a leader, if something vouches for the place where Patroni says that it is.
    mutating func open(_ name: String) throws(GuardError) -> LeaderSession {
        let patroni = patroni
        let cluster = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.cluster()
        }
        guard let found = cluster.members.first(where: { $0.name == name }) else {
            throw GuardError(.patroni, "the cluster has no member \(name), which claims to lead")
        }
        let place = try trusted(found)
        let settings = settings
        let opened = try onLeader { () throws(PostgresError) in
            try LeaderSession.open(
                settings.source,
                at: place,
                name,
                connector: settings.connector,
                table: settings.table
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
            let met: MemberAddress?
            do throws(PostgresError) {
                met = try LeaderSession.address(of: settings.source)
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
}
