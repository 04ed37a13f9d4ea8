import Histogram

/// What `reader watch` knows at the end of one interval: a line of its JSON, and what every other form shows.
///
/// docs/watch.md is the schema. Lags are in microseconds; what is not known is left out.
struct WatchSnapshot: Codable, Sendable, Equatable {
    /// Raised when a field changes its meaning or goes.
    static let version = 1

    /// A distribution of lags in microseconds.
    struct Distribution: Codable, Sendable, Equatable {
        var p50: UInt64
        var p90: UInt64
        var p99: UInt64
        var max: UInt64
        var count: UInt64

        init(_ histogram: LatencyHistogram) {
            (p50, p90) = (histogram.percentile(50), histogram.percentile(90))
            (p99, max, count) = (histogram.percentile(99), histogram.maximum, histogram.count)
        }
    }

    /// One stage of the way.
    struct Stage: Codable, Sendable, Equatable {
        /// What passed it in this interval; absent when nothing did.
        var interval: Distribution?
        /// What passed it within the window; absent when nothing did.
        var window: Distribution?
        /// How long the oldest waits that has not passed it, growing while nothing moves; absent when none does.
        var waiting: UInt64?

        /// The one number to show: the oldest that waits or what passed last, whichever is worse.
        var current: UInt64? {
            [interval?.p99, waiting].compactMap { $0 }.max()
        }
    }

    struct EndToEnd: Codable, Sendable, Equatable {
        enum Basis: String, Codable, Sendable {
            /// From the writer's acknowledgement, as its history says.
            case history
            /// From the commit, as the change event says.
            case events
        }

        var basis: Basis
        var stage: Stage
        /// Followed writes that are not visible.
        var waitingCount: UInt64
    }

    struct Partition: Codable, Sendable, Equatable {
        var partition: Int32
        /// The offset after its last record.
        var end: Int64?
        /// The first offset that is not applied.
        var next: Int64?
        var behind: Int64?
        /// The age of the oldest record that is not applied, in microseconds.
        var waiting: UInt64?
        /// For how long something waits and nothing was applied, in microseconds.
        var still: UInt64?
        /// The address of the sink that has it; `nil` where no sink is asked, or none has it.
        var owner: String?
    }

    struct Slot: Codable, Sendable, Equatable {
        var name: String
        var isPresent: Bool
        /// Whether somebody reads it.
        var isActive: Bool
        /// PostgreSQL's `wal_status`: reserved, extended, unreserved, lost.
        var walStatus: String?
        /// Log that the source keeps for it, in bytes.
        var retainedBytes: Int64?
        /// Log that its reader has not confirmed, in bytes.
        var unconfirmedBytes: Int64?
        /// Log that may still be written before it is lost, in bytes; absent without a limit.
        var safeBytes: Int64?
    }

    struct Divergence: Codable, Sendable, Equatable {
        /// Rows that differ for longer than the grace, by kind.
        var rows: [String: Int]
        /// Rows that differ for less: they may only be on their way.
        var maybe: Int
        /// How much of the table the running pass has compared, 0 to 1; absent before the first step.
        var pass: Double?
        /// Seconds that the last whole pass took; absent before the first is complete.
        var passSeconds: Double?

        var total: Int { rows.values.reduce(0, +) }

        /// Whether anything was compared yet.
        var isKnown: Bool { pass != nil || passSeconds != nil }
    }

    struct Clock: Codable, Sendable, Equatable {
        /// `source` or `destination`.
        var server: String
        /// Its clock less this machine's, in microseconds.
        var offset: Int64
        /// Half of the shortest round trip, in microseconds.
        var error: Int64
    }

    struct Leader: Codable, Sendable, Equatable {
        var name: String
        var timeline: UInt32?
    }

    struct ConnectorPart: Codable, Sendable, Equatable {
        /// `connector`, `task 0`, `sink http://…`.
        var name: String
        var state: String
        var worker: String?
        /// The first line of its failure.
        var failure: String?
    }

    struct Rates: Codable, Sendable, Equatable {
        /// Writes acknowledged a second, from the history.
        var acknowledged: Double?
        /// Records that came into the topic a second.
        var captured: Double?
        /// Records applied a second.
        var applied: Double?
    }

    /// When, and over what.
    struct Span: Codable, Sendable, Equatable {
        var version = WatchSnapshot.version
        /// Microseconds since 1970.
        var wall: Int64
        /// How long the interval and the window are, in microseconds.
        var interval: UInt64
        var window: UInt64
    }

    /// How the pipeline is.
    struct Condition: Codable, Sendable, Equatable {
        var state: PipelineState
        var reason: String?
        /// For how long nothing came through, in microseconds, where something should or it is not known that nothing
        /// should; absent while something does.
        var still: UInt64?
    }

    /// The lags, stage by stage.
    struct Stages: Codable, Sendable, Equatable {
        var endToEnd: EndToEnd
        var capture: Stage
        var apply: Stage
    }

    /// What is not applied yet.
    struct Backlog: Codable, Sendable, Equatable {
        /// Records in the topic that are not applied.
        var queueRecords: Int64?
        /// The age of the oldest of them, in microseconds.
        var queueAge: UInt64?
        /// The end of the source's log less the position that is applied; absent where both are not of one timeline.
        var sourceBytes: Int64?
        /// Acknowledged writes that a row lacks, of the row that lacks most; absent without a history.
        var versionsBehind: UInt64?
        /// Rows that lack any, among those that are followed.
        var rowsBehind: Int?
    }

    /// What flows where.
    struct Flow: Codable, Sendable, Equatable {
        var slot: Slot?
        var rates: Rates
        var partitions: [Partition]
    }

    /// Whether the rows are right.
    struct Rows: Codable, Sendable, Equatable {
        var divergence: Divergence
        var rewoundRows: Int
    }

    /// The parts around the rows.
    struct Surroundings: Codable, Sendable, Equatable {
        var clocks: [Clock]
        var leader: Leader?
        /// Standbys whose copy of the slot is not ready, as `name:seconds`.
        ///
        /// A switchover to one would cost changes. Absent where they are not looked at.
        var notReady: [String]?
        /// The connector, its tasks, the sinks that are asked, and the standbys that are not ready.
        var parts: [ConnectorPart]
    }

    var span: Span
    var condition: Condition
    var stages: Stages
    var backlog: Backlog
    var flow: Flow
    var rows: Rows
    var surroundings: Surroundings
}

/// One object: the fields of the groups stand beside each other.
extension WatchSnapshot {
    func encode(to encoder: any Encoder) throws {
        try span.encode(to: encoder)
        try condition.encode(to: encoder)
        try stages.encode(to: encoder)
        try backlog.encode(to: encoder)
        try flow.encode(to: encoder)
        try rows.encode(to: encoder)
        try surroundings.encode(to: encoder)
    }

    init(from decoder: any Decoder) throws {
        span = try Span(from: decoder)
        condition = try Condition(from: decoder)
        stages = try Stages(from: decoder)
        backlog = try Backlog(from: decoder)
        flow = try Flow(from: decoder)
        rows = try Rows(from: decoder)
        surroundings = try Surroundings(from: decoder)
    }
}
