package import Cluster
import HTTPRequests
package import Postgres

/// Which members get the source's password.
///
/// Patroni's answers may be forged on their way, and who names a host there must not be handed a password. So a
/// member is believed only where something vouches for it that the person who started the guard has named: the list
/// of members, Patroni through TLS or on this machine, or the source's own URL.
package struct MemberTrust: Sendable {
    /// The members that were given; only they are believed then, and they are reached where the list says.
    var given: MemberList?
    /// Whether Patroni's answers can't be forged.
    var isPatroniAuthentic: Bool
    var source: ConnectionOptions
    /// Members that the source's URL once led to.
    private var met: [String: MemberAddress] = [:]

    package init(given: MemberList?, isPatroniAuthentic: Bool, source: ConnectionOptions) {
        (self.given, self.isPatroniAuthentic, self.source) = (given, isPatroniAuthentic, source)
    }

    /// What is to be done about a member.
    package enum Answer: Equatable, Sendable {
        /// It is reached with the source's user and password.
        case reach(MemberAddress)
        /// The source's URL is to be asked whether it leads there.
        case askSource
        /// It gets nothing.
        case refuse(String)
    }

    package func answer(about name: String, at address: MemberAddress) -> Answer {
        if let given {
            if let known = given.addresses[name] { return .reach(known) }
            return .refuse(
                "\(name) at \(address) is not among --members (\(given.argument)), and gets no password; "
                    + "if it belongs to the cluster, add it there and start the guard again"
            )
        }
        let isOwn = source.addresses.contains(address)
        if isPatroniAuthentic || isOwn || met[name] == address { return .reach(address) }
        return .askSource
    }

    /// Judges a member by the server that the source's URL leads to.
    ///
    /// - Parameter met: that server's own address; `nil` when the session is by a Unix socket.
    package mutating func answer(about name: String, at address: MemberAddress, met: MemberAddress?) -> Answer
    {
        guard met == address else {
            let place = met.map { "\($0)" } ?? "a Unix socket"
            return .refuse(
                "Patroni names \(name) at \(address), and the source's URL leads to \(place): \(name) gets no "
                    + "password, because Patroni's answers can be forged on their way. If this stays, name the "
                    + "members with --members NAME=HOST:PORT,… or ask Patroni by https"
            )
        }
        self.met[name] = address
        return .reach(address)
    }
}

extension RESTServers {
    /// Whether nobody on the network can answer in the servers' place: TLS, or this machine only.
    package var areAuthentic: Bool { !urls.isEmpty && urls.allSatisfy { HTTPBase($0).isAuthentic } }
}

extension ConnectionOptions {
    /// The hosts of these options themselves, in pairs with their ports (PostgreSQL manual, section 34.1.1.3).
    package var addresses: [MemberAddress] {
        func list(_ text: String?) -> [String] {
            (text ?? "").utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
        }
        let ports = list(self["port"]).map { Int($0) ?? 5432 }
        return [list(self["host"]), list(self["hostaddr"])].flatMap { hosts in
            hosts.enumerated().compactMap { number, host in
                guard !host.isEmpty, let port = ports.count == 1 ? ports[0] : ports.element(number) else {
                    return nil
                }
                return MemberAddress(host: host, port: port)
            }
        }
    }

    /// The same user, database and demands (`sslmode`, `sslrootcert`, `channel_binding`, `require_auth`…) at one
    /// member, not through a proxy.
    ///
    /// With `sslmode=verify-full` the server's certificate must be for the member's host as it is named here.
    package func reaching(_ member: MemberAddress, as application: String) -> ConnectionOptions {
        var options = self
        options["host"] = member.host
        options["hostaddr"] = nil
        options["port"] = "\(member.port)"
        // Of one host there is nothing to choose; what it is the guard looks at itself.
        options["target_session_attrs"] = nil
        options["load_balance_hosts"] = nil
        return options.failingFast(as: application)
    }
}

extension [Int] {
    fileprivate func element(_ index: Int) -> Int? { indices.contains(index) ? self[index] : nil }
}
