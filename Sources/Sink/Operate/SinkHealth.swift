/// Whether the sink lives, and whether it does what it is for; decided from its status.
struct SinkHealth: Equatable {
    /// How long a lane may say nothing: an answer of the destination may take 60 s, twice in a turn.
    static let silenceLimit = 150.0

    /// Why the process should be started anew; empty when it lives.
    let deadReasons: [String]
    /// Why changes do not arrive; a pause that was ordered is no reason.
    let unreadyReasons: [String]

    init(_ status: SinkStatus) {
        var (dead, unready): ([String], [String]) = ([], [])
        if let trace = status.connector.trace { dead.append("failed: \(trace)") }
        for lane in status.tasks where lane.state != .failed {
            // A lane of a sink that failed has ended.
            if status.connector.trace == nil, lane.silentSeconds > Self.silenceLimit {
                dead.append("lane \(lane.id) has not moved for \(lane.silentSeconds.clamped) s")
            }
            if let away = lane.destinationAwaySeconds {
                unready.append(
                    "lane \(lane.id): the destination has been away for \(away.clamped) s: \(lane.lastError ?? "")"
                )
            }
            if let away = lane.brokersAwaySeconds {
                unready.append("lane \(lane.id): no broker has answered for \(away.clamped) s")
            }
            if let away = lane.registryAwaySeconds {
                unready.append(
                    "lane \(lane.id): the schema registry has been away for \(away.clamped) s: \(lane.lastError ?? "")"
                )
            }
            if let reason = Self.unreachable(lane) { unready.append(reason) }
            for partition in lane.partitions where partition.state == .unassigned {
                unready.append(
                    "\(partition.topic)[\(partition.partition)]: another sink has moved its progress"
                )
            }
        }
        deadReasons = dead
        unreadyReasons = dead + unready
    }

    /// Which partitions' leaders can't be reached, and for how long at most; some of them by name.
    private static func unreachable(_ lane: SinkStatus.Task) -> String? {
        // When no broker answers, that is said already.
        let away = lane.partitions.filter { $0.leaderAwaySeconds != nil }
        guard lane.brokersAwaySeconds == nil, let first = away.first else { return nil }
        let names = away.prefix(5).map { "\($0.topic)[\($0.partition)]" } + (away.count > 5 ? ["…"] : [])
        let seconds = away.compactMap(\.leaderAwaySeconds).max() ?? 0
        return
            "lane \(lane.id): the leaders of \(away.count) of \(lane.partitions.count) partitions have not answered for "
            + "\(seconds.clamped) s: \(names.joined(separator: ", ")): \(first.leaderError ?? "")"
    }
}

extension Double {
    /// The whole number below it, within what a person reads: a status may come from anywhere, and say anything.
    var clamped: Int { isNaN ? 0 : Int(min(max(self, -1e15), 1e15)) }
}
