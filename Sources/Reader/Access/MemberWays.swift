package import Cluster
package import Postgres

/// How the members that Patroni names are reached with the source's password, as far as something vouches for them.
package struct MemberWays: Sendable {
    private let source: ConnectionOptions
    private let trust: MemberTrust

    package init(source: ConnectionOptions, members: MemberList?, patroni: RESTServers) {
        self.source = source
        trust = MemberTrust(given: members, isPatroniAuthentic: patroni.areAuthentic, source: source)
    }

    /// A way to a standby; `nil` where nothing vouches for it.
    package func standby(_ member: ClusterState.Member, as application: String) -> ConnectionOptions? {
        let address = MemberAddress(host: member.host, port: member.port)
        guard case .reach(let known) = trust.answer(about: member.name, at: address) else { return nil }
        return source.reaching(known, as: application)
    }

    /// A way to the leader: the source's URL leads there in any case.
    package func leader(_ member: ClusterState.Member, as application: String) -> ConnectionOptions {
        standby(member, as: application) ?? source.failingFast(as: application)
    }

    /// What to do where nothing vouches for a member.
    package static let refusal =
        "Patroni's answers can be forged on their way, so it gets no password: name the members with --members "
        + "NAME=HOST:PORT,… or ask Patroni by https"
}
