import HTTPRequests
import Synchronization

/// The servers of Patroni's REST interface: those that were given, and those of members that came to the cluster later,
/// as Patroni's own answers name them (`api_url` of `GET /cluster`).
///
/// An answer may be forged where it comes over plain HTTP, so what it names is followed only where that gives nobody
/// more than he has:
///
/// 1. A server that is asked by TLS, or on this machine, only where one that was given is asked in the same way.
/// 2. A password or token goes only to servers that were named by answers which nobody can forge.
/// 3. Where all that were given are authentic, no other server is asked.
final class FollowedServers: Sendable {
    /// More members than a cluster has.
    static let limit = 32

    private let given: [String]
    /// Whether somebody on the network could answer in the place of one that was given.
    private let isForgeable: Bool
    private let hasLocal: Bool
    private let hasSecure: Bool
    private let hasSecret: Bool
    private let found = Mutex<[String]>([])

    init(given: [String], credentials: HTTPCredentials) {
        (self.given, hasSecret) = (given, credentials.hasSecret)
        let bases = given.map { HTTPBase($0) }
        isForgeable = !bases.allSatisfy(\.isAuthentic)
        hasLocal = bases.contains(where: \.isLocal)
        hasSecure = bases.contains { $0.isAuthentic && !$0.isLocal }
    }

    /// Base URLs: the given ones first.
    var urls: [String] { given + found.withLock { $0 } }

    /// Takes what an answer says for the next questions: members that came are asked too, those that left no more.
    func follow(_ members: [ClusterState.Member]) {
        let urls = members.compactMap { member -> String? in
            member.apiURL.flatMap(Self.base).flatMap { mayFollow($0) ? $0.url : nil }
        }
        let new = Array(urls.filter { !given.contains($0) }.prefix(Self.limit))
        found.withLock { $0 = new }
    }

    private func mayFollow(_ base: HTTPBase) -> Bool {
        guard !(hasSecret && isForgeable) else { return false }
        if base.isLocal { return hasLocal }
        if base.isAuthentic { return hasSecure }
        return isForgeable
    }

    /// The base of a member's URL, such as `http://10.0.0.4:8008/patroni`; `nil` where it is something else.
    private static func base(_ url: String) -> HTTPBase? {
        let end = "/patroni".utf8
        guard url.utf8.count > end.count, url.utf8.suffix(end.count).elementsEqual(end) else { return nil }
        let base = HTTPBase(String(Substring(url.utf8.dropLast(end.count))))
        return base.isPlainServer ? base : nil
    }
}
