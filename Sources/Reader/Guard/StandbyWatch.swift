import Access
import Cluster
import Logs
import Model
import Postgres
import Slots
import Threading

/// Looks at the standbys' copies of the slot while capture runs, tells which one is not ready, and warms them.
///
/// A thread of its own: a node that hangs must not hold up the gate.
struct StandbyWatch: Sendable {
    let settings: GuardSettings
    let exchange: GuardExchange
    let logger: Logger
    let stop: StopSignal

    private static let interval: Duration = .seconds(2)
    /// From one round of warming to the next: three are what a copy needs.
    ///
    /// Where they do not help, because a
    /// transaction lasts for hours or a copy never decodes, they must not go on like that.
    private static let pauses: [Duration] = [
        .seconds(2), .seconds(2), .seconds(5), .seconds(15), .seconds(60), .seconds(300),
    ]

    /// Runs until the end is requested.
    func run() {
        var readiness = StandbyReadiness()
        var nextRound = Deadline(monotonic: 0)
        var rounds = 0
        var failure = ""
        let patroni = PatroniClient(settings.patroni)
        while !stop.isRequested {
            let next = Deadline.after(Self.interval)
            do throws(GuardError) {
                if let found = try look(patroni) {
                    tell(readiness.take(found.standbys, at: Moment.monotonicNow()))
                    let now = readiness
                    exchange.board.change { $0.standbys = now }
                    if found.warmer == nil { (rounds, nextRound) = (0, Deadline(monotonic: 0)) }
                    if let warmer = found.warmer, exchange.slot.isActive, nextRound.hasPassed {
                        nextRound = .after(Self.pauses[min(rounds, Self.pauses.count - 1)])
                        rounds += 1
                        try onLeader { () throws(PostgresError) in try warmer.warm() }
                    }
                }
                failure = ""
            } catch {
                if failure != error.reason {
                    logger.warning("the standbys' slots can't be looked at or warmed: \(error.reason)")
                }
                failure = error.reason
            }
            stop.sleep(until: next)
        }
    }

    /// What each standby says, and who warms them; `nil` where there is no leader, or no connector.
    private func look(
        _ patroni: PatroniClient
    ) throws(GuardError) -> (standbys: [String: SlotReadiness], warmer: SlotWarmer?)? {
        guard let slot = exchange.slot.now else { return nil }
        let cluster = try waiting(for: .patroni) { () async throws(ClusterError) in
            try await patroni.cluster()
        }
        guard let leader = cluster.leader else { return nil }
        let ways = MemberWays(source: settings.source, members: settings.members, patroni: settings.patroni)
        let look = try onLeader { () throws(PostgresError) in
            try StandbyLook.read(ways, cluster, leader: leader, slot: slot.name)
        }
        if !look.unasked.isEmpty, look.standbys.isEmpty {
            let names = look.unasked.sorted().joined(separator: ", ")
            throw GuardError(.leader, "\(names): \(MemberWays.refusal)")
        }
        guard look.isWarmingWanted else { return (look.standbys, nil) }
        let warmer = SlotWarmer(
            leader: ways.leader(leader, as: "reader guard warm"),
            plugin: slot.plugin
        )
        return (look.standbys, warmer)
    }

    private func tell(_ news: [StandbyReadiness.News]) {
        for each in news {
            switch each {
            case .notReady(let name, let reason, let remedy):
                logger.notice(
                    "a switchover to \(name) would cost changes: \(reason); \(remedy)",
                    metadata: ["connector": "\(settings.connector)", "node": "\(name)"]
                )
            case .ready(let name, let proof, let after):
                logger.notice(
                    "\(name) is ready after \(after.components.seconds) s: \(proof)",
                    metadata: ["connector": "\(settings.connector)", "node": "\(name)"]
                )
            }
        }
    }
}
