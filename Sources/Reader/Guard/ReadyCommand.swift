import Access
import Cluster
import Commands
import Model
import Options
import Slots
import Telemetry

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
