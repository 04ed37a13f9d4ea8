import History
import Model

/// What an outage's time was spent on, in nanoseconds; `nil` where nobody saw it.
struct OutagePhases: Sendable, Equatable {
    /// From the last acknowledgement until the leader's lock was lost.
    var detect: UInt64?
    /// From there until the next leader was promoted; 0 where no moment without a leader was seen.
    var elect: UInt64?
    /// From there until the proxy led to it.
    var route: UInt64?
    /// From there until the first acknowledgement.
    var connect: UInt64?

    /// Splits an outage that is over.
    ///
    /// Each part ends where the next begins, so they add up to the outage. Without a new timeline nothing was
    /// elected: then only the way there was gone for a while.
    init(of outage: Outage, seen log: ClusterLog) {
        guard let after = outage.after else { return }
        let (begin, end) = (outage.began.monotonic, outage.began.monotonic + outage.length)
        let name = log.name(of: after.node)
        var elected: UInt64?
        if after.timeline > outage.before.timeline {
            elected = Self.promotion(in: outage, log).map { min(max($0, begin), end) }
            if let elected {
                let before = log.name(of: outage.before.node)
                let lost = log.leaderships.first { $0.moment > begin && $0.leader != before }?.moment
                let detected = min(lost ?? elected, elected)
                (detect, elect) = (detected - begin, elected - detected)
            }
        }
        // The proxy's state at the begin counts only if it changed afterwards.
        let wasAway = log.routings.contains {
            $0.moment > begin && $0.moment <= end && !$0.servers.contains(name)
        }
        let before = log.routings.last { $0.moment <= begin }
        let isNew = before.map { !$0.servers.contains(name) } ?? false
        guard wasAway || isNew else { return }
        let awayFrom = log.routings.last {
            $0.moment > begin && $0.moment <= end && !$0.servers.contains(name)
        }
        let since = max(begin, awayFrom?.moment ?? begin)
        // The look that saw it comes up to a tenth of a second after the fact, and maybe after the first write.
        guard let seen = log.routings.first(where: { $0.moment >= since && $0.servers.contains(name) }) else {
            return
        }
        let routed = min(max(seen.moment, elected ?? begin), end)
        route = routed - (elected ?? begin)
        connect = end - routed
    }

    /// When the leader of the next timeline was promoted, on the monotonic clock.
    private static func promotion(in outage: Outage, _ log: ClusterLog) -> UInt64? {
        if let wall = log.promotions[outage.before.timeline], wall >= outage.began.wall {
            return outage.began.monotonic + UInt64(wall - outage.began.wall) * 1_000
        }
        return log.leaderships.first {
            $0.moment > outage.began.monotonic && $0.timeline ?? 0 > outage.before.timeline.rawValue
        }?.moment
    }
}
