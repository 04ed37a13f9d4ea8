import FoundationEssentials
import Model

/// What `GET /status` answers: the document that Kafka Connect gives for a connector, and more beside it.
struct SinkStatus: Codable, Equatable, Sendable {
    /// A connector's or a task's state, by Connect's words.
    enum State: String, Codable, Sendable {
        /// The lanes wait for topics, tables or the group.
        case unassigned = "UNASSIGNED"
        case running = "RUNNING"
        case paused = "PAUSED"
        case failed = "FAILED"
        case restarting = "RESTARTING"
    }

    struct Connector: Codable, Equatable, Sendable {
        /// What is wanted: PAUSED as soon as it is ordered.
        var state: State
        var workerID: String
        /// Why it failed.
        var trace: String?

        private enum CodingKeys: String, CodingKey {
            case state, trace
            case workerID = "worker_id"
        }
    }

    /// A lane.
    struct Task: Codable, Equatable, Sendable {
        var id: Int
        /// What is: PAUSED once the batch that was in hand is applied.
        var state: State
        var workerID: String
        var trace: String?
        /// Seconds for which the destination has been away.
        var destinationAwaySeconds: Double?
        /// Seconds for which no broker has answered.
        var brokersAwaySeconds: Double?
        /// Seconds for which the schema registry has not given a schema that is needed.
        var registryAwaySeconds: Double?
        /// Seconds since the lane last told something; it tells five times a second unless a server is slow.
        var silentSeconds: Double
        var lastError: String?
        var lastErrorAt: String?
        var partitions: [Partition]

        private enum CodingKeys: String, CodingKey {
            case id, state, trace, partitions
            case workerID = "worker_id"
            case destinationAwaySeconds = "destination_away_seconds"
            case brokersAwaySeconds = "brokers_away_seconds"
            case registryAwaySeconds = "registry_away_seconds"
            case silentSeconds = "silent_seconds"
            case lastError = "last_error"
            case lastErrorAt = "last_error_at"
        }
    }

    struct Partition: Codable, Equatable, Sendable {
        var topic: String
        var partition: Int
        /// RUNNING, PAUSED, or UNASSIGNED when another instance has moved its progress.
        var state: State
        /// The offset of the first record that is not applied.
        var nextOffset: Int64
        /// The offset after the last record; absent until the broker has told it.
        var endOffset: Int64?
        var recordsBehind: Int64?
        /// The age of the oldest record that is not applied; 0 when all are.
        ///
        /// While the leader does not answer, at least for how long; absent until the end is known.
        var lagSeconds: Double?
        /// Seconds for which the partition's leader has not answered.
        var leaderAwaySeconds: Double?
        /// What came instead of its answer.
        var leaderError: String?
        var lastBatchSize: Int
        var lastError: String?
        var lastErrorAt: String?

        private enum CodingKeys: String, CodingKey {
            case topic, partition, state
            case nextOffset = "next_offset"
            case endOffset = "end_offset"
            case recordsBehind = "records_behind"
            case lagSeconds = "lag_seconds"
            case leaderAwaySeconds = "leader_away_seconds"
            case leaderError = "leader_error"
            case lastBatchSize = "last_batch_size"
            case lastError = "last_error"
            case lastErrorAt = "last_error_at"
        }
    }

    var name: String
    var type = "sink"
    var connector: Connector
    var tasks: [Task]
    var group: String
    /// `user@host:port/database`, never a password.
    var destination: String
    var startedAt: String
    var restarts: Int
    /// Records whose effect is in the destination, since the process began.
    var recordsApplied: Int
    var transactions: Int

    private enum CodingKeys: String, CodingKey {
        case name, type, connector, tasks, group, destination, restarts, transactions
        case startedAt = "started_at"
        case recordsApplied = "records_applied"
    }
}

extension SinkStatus {
    /// Makes the document from what the lanes last told.
    ///
    /// - Parameter now: ages are counted to here, so that they grow while a lane hangs.
    init(_ overview: SinkControl.Overview, _ statistics: LaneStatistics, worker: String, now: Moment = .now())
    {
        name = overview.configuration.name
        connector = Connector(
            state: overview.failure != nil
                ? .failed : overview.isRestarting ? .restarting : overview.isPaused ? .paused : .running,
            workerID: worker,
            trace: overview.failure
        )
        tasks = overview.lanes.enumerated().map { Task($1, id: $0, overview, worker: worker, now: now) }
        group = overview.configuration.groupID
        destination = "\(overview.configuration.destination)"
        startedAt = overview.startedAt.text
        restarts = overview.restarts
        recordsApplied = statistics.eventCount
        transactions = statistics.batchCount
    }

    /// All partitions of all lanes.
    var partitions: [Partition] { tasks.flatMap(\.partitions) }
}

extension SinkStatus.Task {
    fileprivate init(
        _ lane: LaneView,
        id: Int,
        _ overview: SinkControl.Overview,
        worker: String,
        now: Moment
    ) {
        (self.id, workerID) = (id, worker)
        switch lane.phase {
        case .starting: state = .unassigned
        case .running: state = lane.partitions.isEmpty ? .unassigned : .running
        case .paused: state = .paused
        case .failed(let reason): (state, trace) = (.failed, reason)
        case .ended: state = overview.isRestarting ? .restarting : .unassigned
        }
        destinationAwaySeconds = lane.destinationAwaySince.map { now.seconds(since: $0) }
        brokersAwaySeconds = lane.brokersAwaySince.map { now.seconds(since: $0) }
        registryAwaySeconds = lane.registryAwaySince.map { now.seconds(since: $0) }
        silentSeconds = now.seconds(since: Moment(monotonic: lane.turnedAt, wall: 0))
        lastError = lane.lastFailure?.text
        lastErrorAt = lane.lastFailure?.at.text
        let laneState = state
        partitions = lane.partitions.map { partition in
            let leaderAway = partition.leaderAway.map { now.seconds(since: $0.at) }
            let waiting = partition.waitingSince.map { max(0, Double(now.wall / 1_000 - $0) / 1_000) }
            let isKnown = partition.end != nil || leaderAway != nil || waiting != nil
            return SinkStatus.Partition(
                topic: partition.place.topic,
                partition: Int(partition.place.partition),
                state: partition.isFenced ? .unassigned : laneState,
                nextOffset: partition.next,
                endOffset: partition.end,
                recordsBehind: partition.end.map { $0 - partition.next },
                lagSeconds: isKnown ? max(waiting ?? 0, leaderAway ?? 0) : nil,
                leaderAwaySeconds: leaderAway,
                leaderError: partition.leaderAway?.text,
                lastBatchSize: partition.lastBatchSize,
                lastError: partition.lastFailure?.text,
                lastErrorAt: partition.lastFailure?.at.text
            )
        }
    }
}

extension Moment {
    fileprivate func seconds(since earlier: Moment) -> Double {
        // Milliseconds are enough to read.
        Double((monotonic - min(monotonic, earlier.monotonic)) / 1_000_000) / 1_000
    }

    /// The wall clock's time as ISO 8601 has it, in UTC.
    fileprivate var text: String {
        Date(timeIntervalSince1970: Double(wall) / 1e6).formatted(.iso8601)
    }
}
