import Shared
import Synchronization

/// Patroni's names for the servers, so that a report says `patroni2` where it knows only `10.0.0.2:5432`.
final class MemberNames: Sendable {
    private let patroni: PatroniClient?
    private let cluster = Mutex<ClusterState?>(nil)

    /// - Parameter urls: base URLs of Patroni's REST interfaces; none is fine.
    init(urls: [String]) {
        patroni = urls.isEmpty ? nil : PatroniClient(servers: urls)
    }

    /// Asks Patroni every two seconds until it is cancelled; one that does not answer changes nothing.
    func refresh() async {
        guard let patroni else { return }
        while !Task.isCancelled {
            if let state = try? await patroni.cluster() { cluster.withLock { $0 = state } }
            try? await Task.sleep(for: .seconds(2))
        }
    }

    /// The member's name, or its address where Patroni did not name it.
    func name(of session: HistoryLine.Session) -> String {
        cluster.withLock { $0 }?.name(ofNode: session.node) ?? session.node
    }
}
