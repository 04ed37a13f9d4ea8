import Cluster
import FoundationEssentials
import History
import Model
import Synchronization

/// Watches Patroni and HAProxy beside the load: members' names, and what an outage's time was spent on.
final class ClusterObserver: Sendable {
    private let patroni: [PatroniClient]
    private let haproxy: (client: HAProxyClient, proxy: String)?
    private let log = Mutex(ClusterLog())
    private let complaints = Mutex(Complaints())
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - patroni: Patroni's REST interfaces; none is fine.
    ///   - haproxy: none is fine, too.
    ///   - report: says what a person has to mend, on any thread.
    init(
        patroni: RESTServers,
        haproxy: HAProxySettings?,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.report = report
        self.patroni = patroni.urls.map {
            PatroniClient(servers: [$0], timeout: .seconds(1), credentials: patroni.credentials)
        }
        self.haproxy = haproxy.map { (HAProxyClient(url: $0.url, credentials: $0.credentials), $0.proxy) }
    }

    /// Asks until it is cancelled; a part that does not answer delays no other.
    func observe(_ run: LoadRun) async {
        await withTaskGroup { group in
            for (index, member) in patroni.enumerated() {
                group.addTask {
                    // Turn by turn, so that together they look often.
                    try? await Task.sleep(for: .milliseconds(150 * index))
                    await self.repeatedly(every: .milliseconds(450)) { await self.ask(member) }
                }
            }
            if haproxy != nil {
                group.addTask {
                    await self.repeatedly(every: .milliseconds(100)) { await self.askProxy() }
                }
            }
            await group.waitForAll()
        }
    }

    /// What was seen so far.
    func snapshot() -> ClusterLog { log.withLock { $0 } }

    /// The member's name, or its address where Patroni did not name it.
    func name(of session: HistoryLine.Session) -> String { log.withLock { $0.name(of: session.node) } }

    private func repeatedly(every pause: Duration, _ body: @escaping @Sendable () async -> Void) async {
        while !Task.isCancelled {
            // Each request has its own deadline, and hears that the task is cancelled.
            await body()
            try? await Task.sleep(for: pause)
        }
    }

    private func ask(_ member: PatroniClient) async {
        guard
            let state = await answer(
                "Patroni",
                { () async throws(ClusterError) in
                    try await member.cluster()
                }
            )
        else { return }
        let now = Moment.monotonicNow()
        let leader = state.leader
        let isNews = log.withLock { log in
            for member in state.members { log.names["\(member.host):\(member.port)"] = member.name }
            return log.saw(leader: leader?.name, timeline: leader?.timeline, at: now)
        }
        guard isNews, let history = try? await member.history() else { return }
        let promotions = history.compactMap { fork in
            fork.promotedAt.flatMap(Self.microseconds).map { (fork.timeline, $0) }
        }
        log.withLock { $0.promotions = Dictionary(promotions, uniquingKeysWith: { $1 }) }
    }

    private func askProxy() async {
        guard let haproxy else { return }
        // A proxy that is away leads nowhere.
        let servers =
            await answer("HAProxy") { () async throws(ClusterError) in
                try await haproxy.client.servers(of: haproxy.proxy)
            } ?? []
        let now = Moment.monotonicNow()
        log.withLock { $0.saw(routed: servers.filter(\.isUp).map(\.name), at: now) }
    }

    /// What a part answers; `nil` when it does not, which is said where waiting does not mend it.
    private func answer<R: Sendable>(
        _ part: String,
        _ ask: () async throws(ClusterError) -> R
    ) async -> R? {
        do throws(ClusterError) {
            return try await ask()
        } catch {
            if complaints.withLock({ $0.isNews(error) }) { report("\(part) can't be asked: \(error)") }
            return nil
        }
    }

    /// Patroni's `2026-05-03T12:00:01.123456+00:00` in microseconds since 1970.
    static func microseconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let plain = Date.ISO8601FormatStyle()
        guard let date = (try? style.parse(text)) ?? (try? plain.parse(text)) else { return nil }
        return Int64(date.timeIntervalSince1970 * 1_000_000)
    }
}

/// What was said about parts that can't be asked.
struct Complaints {
    /// The last reason by what was asked.
    private var said: [String: String] = [:]

    /// Whether an error is to be said: outages are told by the writes themselves, the rest when its reason is new.
    mutating func isNews(_ error: ClusterError) -> Bool {
        guard !error.isOutage else { return false }
        return said.updateValue(error.reason, forKey: error.url) != error.reason
    }
}

/// What Patroni and HAProxy said, by the moment at which it changed.
struct ClusterLog: Sendable {
    struct Leadership: Sendable, Equatable {
        /// Nanoseconds of the monotonic clock.
        var moment: UInt64
        /// `nil` while nobody holds the leader lock.
        var leader: String?
        var timeline: UInt32?
    }

    struct Routing: Sendable, Equatable {
        /// Nanoseconds of the monotonic clock.
        var moment: UInt64
        /// Servers to which the proxy leads; none while it is away.
        var servers: [String]
    }

    /// By address; a member that left the cluster keeps its name, because reports still speak of it.
    var names: [String: String] = [:]
    /// When the leader of the timeline after each was promoted, in microseconds of the wall clock.
    var promotions: [Timeline: Int64] = [:]
    private(set) var leaderships: [Leadership] = []
    private(set) var routings: [Routing] = []

    /// A member's name, or its address.
    func name(of node: String) -> String { names[node] ?? node }

    /// - Returns: whether that is new.
    mutating func saw(leader: String?, timeline: UInt32?, at moment: UInt64) -> Bool {
        guard
            leaderships.last?.leader != leader || leaderships.last?.timeline != timeline
                || leaderships.isEmpty
        else { return false }
        leaderships.append(Leadership(moment: moment, leader: leader, timeline: timeline))
        return true
    }

    mutating func saw(routed servers: [String], at moment: UInt64) {
        guard routings.last?.servers != servers else { return }
        routings.append(Routing(moment: moment, servers: servers))
    }
}
