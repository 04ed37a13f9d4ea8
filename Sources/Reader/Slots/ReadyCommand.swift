import Commands
import Shared

/// `reader guard ready NODE`.
struct ReadyCommand: Command {
    static let description = CommandDescription(
        name: "ready",
        abstract: "Say whether a switchover to a node would keep the stream complete.",
        discussion: """
            Asks a member of the cluster about its copy of the connector's slot, before a planned switchover to it. A \
            slot that Patroni has copied is cold at first: a leader that decodes from it skips what is committed \
            before it has found its feet. A failover slot of PostgreSQL 17 and later is not there until it is \
            synchronized. docs/failover.md explains it.

            Exit codes: 0 ready, 1 not ready (with the reason and what to do), 3 a part can't be reached, 64 usage.
            """
    )

    @Argument(help: "The member's name in Patroni.", valueName: "node")
    var node: String

    @OptionGroup var cluster: ClusterOptions

    @Option(environment: "HANDOVER_SLOT", help: "The connector's slot.")
    var slot: String

    @Option(help: "For how long to wait until it is ready, such as 60s.")
    var wait = Duration.seconds(0)

    @OptionGroup(title: "Access to Patroni", prefix: "patroni", environment: "HANDOVER_PATRONI_")
    var access: AccessOptions

    func run() async throws {
        let servers = RESTServers(cluster.patroni.urls, credentials: try access.credentials())
        let look = ReadinessLook(
            ways: MemberWays(source: cluster.source, members: cluster.members, patroni: servers),
            patroni: PatroniClient(servers),
            slot: slot
        )
        let begin = Moment.monotonicNow()
        let deadline = Deadline.after(wait)
        var said = ""
        while true {
            let found: SlotReadiness
            do throws(ReadinessLook.Failure) {
                found = try await look.readiness(of: node)
            } catch {
                guard error.isTransient, !deadline.hasPassed else {
                    printLine("\(node) can't be judged: \(error.reason)")
                    throw ExitCode(3)
                }
                try await Task.sleep(for: .milliseconds(500))
                continue
            }
            let waited = Duration.nanoseconds(Int64(Moment.monotonicNow() - begin))
            switch found {
            case .leads: return printLine("\(node) leads: there is nothing to hand over to it")
            case .ready(let proof):
                let after = said.isEmpty ? "" : " after \(waited.components.seconds) s"
                return printLine("\(node) is ready\(after): \(proof)")
            case .notReady(let reason, let remedy):
                guard !deadline.hasPassed else {
                    printLine("\(node) is not ready: \(reason)")
                    printLine("what to do: \(remedy)")
                    throw ExitCode(1)
                }
                if said != reason { printProgress("\(node) is not ready yet: \(reason)") }
                said = reason
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}

/// Looks at a member's copy of a slot, and at the leader's.
struct ReadinessLook: Sendable {
    let ways: MemberWays
    let patroni: PatroniClient
    let slot: String

    private static let timeout: Duration = .seconds(3)

    /// Why nothing can be said about a node.
    struct Failure: Error {
        var reason: String
        /// Whether to ask again may help.
        var isTransient = true
    }

    func readiness(of node: String) async throws(Failure) -> SlotReadiness {
        let cluster: ClusterState
        do throws(ClusterError) {
            cluster = try await patroni.cluster()
        } catch {
            throw Failure(reason: "\(error)")
        }
        guard let member = cluster.members.first(where: { $0.name == node }) else {
            let names = cluster.members.map(\.name).sorted().joined(separator: ", ")
            throw Failure(reason: "the cluster has no such member; it has \(names)", isTransient: false)
        }
        guard let leader = cluster.leader else { throw Failure(reason: "the cluster has no leader now") }
        if member.name == leader.name { return .leads }
        guard let way = ways.standby(member, as: "reader guard ready") else {
            throw Failure(reason: MemberWays.refusal, isTransient: false)
        }
        let (leading, slot) = (ways.leader(leader, as: "reader guard ready"), slot)
        let result: Result<SlotReadiness, PostgresError> = await withDedicatedThread {
            do throws(PostgresError) {
                let isFailover = try Self.read(leading, slot).slot?.isFailover == true
                return .success(SlotReadiness(try Self.read(way, slot), slot: slot, isFailover: isFailover))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let readiness): return readiness
        case .failure(let error): throw Failure(reason: "\(error)")
        }
    }

    /// Asks one server, on a thread that may block.
    static func read(_ server: ConnectionOptions, _ slot: String) throws(PostgresError) -> SlotReadiness.Facts
    {
        let connection = try Connection.open(server, pinned: .common, deadline: .after(timeout))
        return try .read(slot, connection, deadline: .after(timeout))
    }
}
