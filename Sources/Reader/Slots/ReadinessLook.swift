package import Access
package import Cluster
import Model
import Postgres
import Threading

/// Looks at a member's copy of a slot, and at the leader's.
package struct ReadinessLook: Sendable {
    private let ways: MemberWays
    private let patroni: PatroniClient
    private let slot: String

    private static let timeout: Duration = .seconds(3)

    /// Why nothing can be said about a node.
    package struct Failure: Error {
        package let reason: String
        /// Whether to ask again may help.
        package let isTransient: Bool

        init(reason: String, isTransient: Bool = true) {
            (self.reason, self.isTransient) = (reason, isTransient)
        }
    }

    /// - Parameters:
    ///   - ways: how the members are reached.
    ///   - patroni: who says which members there are.
    package init(ways: MemberWays, patroni: PatroniClient, slot: String) {
        (self.ways, self.patroni, self.slot) = (ways, patroni, slot)
    }

    /// Asks the leader, and then the node.
    package func readiness(of node: String) async throws(Failure) -> SlotReadiness {
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
    static func read(
        _ server: ConnectionOptions,
        _ slot: String
    ) throws(PostgresError) -> SlotReadiness.Facts {
        let connection = try Connection.open(server, pinned: .common, deadline: .after(timeout))
        return try .read(slot, connection, deadline: .after(timeout))
    }
}
