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
                dead.append("lane \(lane.id) has not moved for \(Int(lane.silentSeconds)) s")
            }
            if let away = lane.destinationAwaySeconds {
                unready.append(
                    "lane \(lane.id): the destination has been away for \(Int(away)) s: \(lane.lastError ?? "")"
                )
            }
            if let away = lane.brokersAwaySeconds {
                unready.append("lane \(lane.id): no broker has answered for \(Int(away)) s")
            }
            for partition in lane.partitions where partition.state == .unassigned {
                unready.append(
                    "\(partition.topic)[\(partition.partition)]: another sink has moved its progress"
                )
            }
        }
        deadReasons = dead
        unreadyReasons = dead + unready
    }
}
