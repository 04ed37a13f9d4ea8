import Shared
import Synchronization

/// Patroni's names for the servers, so that a report says `patroni2` where it knows only `10.0.0.2:5432`.
final class MemberNames: Sendable {
    private let patroni: PatroniClient?
    /// By address; a member that left the cluster keeps its name, because reports still speak of it.
    private let names = Mutex<[String: String]>([:])

    /// - Parameter urls: base URLs of Patroni's REST interfaces; none is fine.
    init(urls: [String]) {
        patroni = urls.isEmpty ? nil : PatroniClient(servers: urls)
    }

    /// Asks Patroni every two seconds until it is cancelled; one that does not answer changes nothing.
    func refresh() async {
        guard let patroni else { return }
        while !Task.isCancelled {
            if let state = try? await patroni.cluster() {
                names.withLock { names in
                    for member in state.members { names["\(member.host):\(member.port)"] = member.name }
                }
            }
            try? await Task.sleep(for: .seconds(2))
        }
    }

    /// The member's name, or its address where Patroni did not name it.
    func name(of session: HistoryLine.Session) -> String {
        names.withLock { $0[session.node] } ?? session.node
    }
}
