import FoundationEssentials
public import HTTPRequests
public import Model

/// Patroni's REST interface: who leads, and where timelines forked.
///
/// Members that join the cluster later are asked as well, and those that leave it no more (`FollowedServers`).
public struct PatroniClient: Sendable {
    private let servers: FollowedServers
    private let http: RESTClient

    /// - Parameter servers: base URLs of the members, such as `http://127.0.0.1:8008`; any one answers.
    public init(
        servers: [String],
        timeout: Duration = .seconds(2),
        credentials: HTTPCredentials = .init()
    ) {
        self.servers = FollowedServers(given: servers.map { HTTPBase($0).url }, credentials: credentials)
        http = RESTClient(timeout: timeout, credentials: credentials)
    }

    /// The cluster's members as Patroni sees them (`GET /cluster`).
    public func cluster() async throws(ClusterError) -> ClusterState {
        let state = try await http.get("/cluster", fromAnyOf: servers.urls, as: ClusterState.self)
        servers.follow(state.members)
        return state
    }

    /// The names of all members that hold the leader lock by their own account (`GET /primary` of each).
    ///
    /// More than one for a moment is possible: a former leader that has not noticed yet.
    ///
    /// - Throws: `ClusterError` of the last member when none says whether it leads.
    public func leaders() async throws(ClusterError) -> [String] {
        var names: [String] = []
        var failure: ClusterError?
        var didAnswer = false
        for result in await answers(to: "/primary") {
            let answer: (status: Int, body: String)
            switch result {
            case .success(let value): answer = value
            case .failure(let error):
                failure = error
                continue
            }
            switch answer.status {
            case 200: break
            // Not the leader, by its own account.
            case 503:
                didAnswer = true
                continue
            // It did not say: a proxy before it, or the access to it, is not as it should be.
            default:
                failure = ClusterError(
                    url: "/primary",
                    reason: "HTTP status \(answer.status)",
                    status: answer.status
                )
                continue
            }
            didAnswer = true
            do {
                let body = Data(answer.body.utf8)
                let name = try JSONDecoder().decode(PrimaryAnswer.self, from: body).patroni.name
                // One server may be reached by two URLs.
                if !names.contains(name) { names.append(name) }
            } catch {
                throw ClusterError(url: "/primary", reason: "unexpected answer: \(error)")
            }
        }
        guard didAnswer else {
            throw failure ?? ClusterError(url: "/primary", reason: "no server is configured")
        }
        return names
    }

    /// What each member answers, asked all at once: a dead one must not make the others wait.
    private func answers(to path: String) async -> [Result<(status: Int, body: String), ClusterError>] {
        await withTaskGroup(of: Result<(status: Int, body: String), ClusterError>.self) { group in
            for server in servers.urls {
                group.addTask { [http] in
                    do throws(ClusterError) {
                        return .success(try await http.send("GET", server + path))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var found: [Result<(status: Int, body: String), ClusterError>] = []
            for await answer in group { found.append(answer) }
            return found
        }
    }

    /// Where each timeline ended (`GET /history`), oldest first.
    public func history() async throws(ClusterError) -> [TimelineFork] {
        try await http.get("/history", fromAnyOf: servers.urls, as: [TimelineFork].self)
    }
}

/// What `GET /primary` answers, as far as it is looked at.
private struct PrimaryAnswer: Decodable {
    struct Patroni: Decodable {
        let name: String
    }

    let patroni: Patroni
}

/// The members of a Patroni cluster at one moment.
public struct ClusterState: Decodable, Sendable {
    public struct Member: Decodable, Sendable {
        public let name: String
        /// `leader`, `replica`, `sync_standby`, `quorum_standby` or `standby_leader`.
        public let role: String
        public let state: String
        public let host: String
        public let port: Int
        public let timeline: UInt32?
        /// Where its own REST interface says that it is, such as `http://10.0.0.4:8008/patroni`.
        public let apiURL: String?

        private enum CodingKeys: String, CodingKey {
            case name, role, state, host, port, timeline
            case apiURL = "api_url"
        }
    }

    public let members: [Member]

    /// The member that holds the leader lock.
    public var leader: Member? { members.first { $0.role == "leader" } }

    /// The name of the member whose PostgreSQL listens at `host:port`, or the address itself.
    public func name(ofNode node: String) -> String {
        members.first { "\($0.host):\($0.port)" == node }?.name ?? node
    }
}

/// The end of one timeline on the surviving history: what was written after `lsn` on it is gone.
public struct TimelineFork: Decodable, Sendable {
    public let timeline: Timeline
    public let lsn: LSN
    public let reason: String
    /// When the next leader was promoted, in ISO 8601; a history from before Patroni recorded it has none.
    public let promotedAt: String?

    public init(from decoder: any Decoder) throws {
        // Patroni writes [timeline, lsn as a number, reason, timestamp, new leader]; the last two may be
        // absent.
        var row = try decoder.unkeyedContainer()
        timeline = Timeline(try row.decode(UInt32.self))
        lsn = LSN(rawValue: try row.decode(UInt64.self))
        reason = try row.decode(String.self)
        promotedAt = row.isAtEnd ? nil : try? row.decode(String.self)
    }
}
