package import Access
package import Cluster
package import Postgres
import Threading

/// One look at the copies of a slot on all standbys.
package struct StandbyLook: Sendable, Equatable {
    package var standbys: [String: SlotReadiness] = [:]
    /// Those that were not asked, because nothing vouches for them.
    package var unasked: [String] = []
    /// Whether one lacks what a list of running transactions may bring.
    package var isWarmingWanted = false

    /// Asks the leader and each standby, one after the other; blocking.
    ///
    /// - Throws: `PostgresError` when the leader can't be asked; a standby that can't be is not ready.
    package static func read(
        _ ways: MemberWays,
        _ cluster: ClusterState,
        leader: ClusterState.Member,
        slot: String
    ) throws(PostgresError) -> StandbyLook {
        let leading = try ReadinessLook.read(ways.leader(leader, as: "reader slots"), slot)
        let isFailover = leading.slot?.isFailover == true
        var look = StandbyLook()
        for member in cluster.members where member.name != leader.name {
            guard let way = ways.standby(member, as: "reader slots") else {
                look.unasked.append(member.name)
                continue
            }
            do throws(PostgresError) {
                let facts = try ReadinessLook.read(way, slot)
                let readiness = SlotReadiness(facts, slot: slot, isFailover: isFailover)
                look.standbys[member.name] = readiness
                // What has lost its log, or never was copied, stays so.
                let isOnItsWay = facts.slot.map { !$0.isLost } ?? isFailover
                if leading.slot != nil, !readiness.isReady, isOnItsWay { look.isWarmingWanted = true }
            } catch {
                look.standbys[member.name] = .notReady(
                    "it can't be asked: \(error)",
                    remedy: "start it, or let this user in"
                )
            }
        }
        return look
    }

    /// The same with a question to Patroni before it.
    ///
    /// - Returns: `nil` while there is no leader.
    package static func read(
        _ ways: MemberWays,
        _ patroni: PatroniClient,
        slot: String
    ) async throws(ReadinessLook.Failure) -> StandbyLook? {
        let cluster: ClusterState
        do throws(ClusterError) { cluster = try await patroni.cluster() } catch {
            throw ReadinessLook.Failure(reason: "\(error)")
        }
        guard let leader = cluster.leader else { return nil }
        let result: Result<StandbyLook, PostgresError> = await withDedicatedThread {
            do throws(PostgresError) {
                return .success(try read(ways, cluster, leader: leader, slot: slot))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let look): return look
        case .failure(let error): throw ReadinessLook.Failure(reason: "\(error)")
        }
    }
}
