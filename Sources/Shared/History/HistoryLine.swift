public import Model

/// One line of the history file; docs/history.md is the schema.
public struct HistoryLine: Sendable, Equatable {
    /// The schema that this program writes.
    public static let version = 2
    /// The schemas that it reads: version 2 only adds fields to version 1.
    public static let readableVersions: ClosedRange<Int64> = 1...2

    public var moment: Moment
    public var event: Event

    public init(_ event: Event, at moment: Moment = .now()) {
        self.moment = moment
        self.event = event
    }

    public enum Event: Sendable, Equatable {
        case run(Run)
        case connect(worker: Int, Session)
        case disconnect(worker: Int, sqlState: String?, reason: String, cause: String? = nil)
        case invoke(Attempt, Session)
        case ok(AttemptName, latency: UInt64, intendedLatency: UInt64)
        case fail(AttemptName, Unacknowledged)
        case info(AttemptName, Unacknowledged)
        case settled(AttemptName, didHappen: Bool, value: Int64?, Session)
        case observed(worker: Int, id: Int64, value: Int64?, expected: Int64, Session)
        case end(by: String, run: String)
        case fault(Fault)
        /// A failed task was started again: from which stored offset (an LSN), and under which timeline.
        case restart(
            connector: String,
            task: Int? = nil,
            reason: String,
            stored: String? = nil,
            timeline: Timeline? = nil
        )
        /// The connector's stored offset was moved back to a fork, from and to an LSN.
        case rewind(connector: String, from: String, to: String, timeline: Timeline?)
        case guardAct(GuardAct)
        case phantom(Phantom)
        case lag(LagSample)
        case fence(id: Int64, token: Token, previous: Int64)
        /// A line of a type that this version does not know; it says nothing about the verdict.
        case unknown(type: String)
    }

    /// The begin of a writer's run.
    public struct Run: Sendable, Equatable {
        public var by: String
        public var run: String
        public var workers: Int
        public var rows: Int
        /// Writes a second, 0 for as fast as it goes.
        public var rate: Int
        /// What is written, `nil` for plain updates.
        public var workload: String?
        /// What the choice of rows began from; `nil` where the line does not say.
        public var seed: Int64?

        public init(
            by: String,
            run: String,
            workers: Int,
            rows: Int,
            rate: Int,
            workload: String? = nil,
            seed: Int64? = nil
        ) {
            (self.by, self.run, self.workers, self.rows, self.rate) = (by, run, workers, rows, rate)
            (self.workload, self.seed) = (workload, seed)
        }
    }

    /// The server that a session is on, as it names itself.
    public struct Session: Sendable, Equatable {
        /// `host:port` as the server sees its own side of the connection.
        public var node: String
        public var backendProcessID: Int32
        public var timeline: Timeline

        public init(node: String, backendProcessID: Int32, timeline: Timeline) {
            (self.node, self.backendProcessID, self.timeline) = (node, backendProcessID, timeline)
        }
    }

    /// An attempt by its row and token.
    public struct AttemptName: Sendable, Hashable {
        public var worker: Int
        public var id: Int64
        public var token: Token

        public init(worker: Int, id: Int64, token: Token) {
            (self.worker, self.id, self.token) = (worker, id, token)
        }
    }

    /// The intent to move a row from one value to another.
    public struct Attempt: Sendable, Equatable {
        public var name: AttemptName
        /// What the row held; 0 where an insert makes it.
        public var previous: Int64
        /// What it is if not the plain update of a row of `debezium_table`.
        public var work: Work?

        public init(name: AttemptName, previous: Int64, work: Work? = nil) {
            (self.name, self.previous, self.work) = (name, previous, work)
        }
    }

    /// Why an attempt was not acknowledged.
    public struct Unacknowledged: Sendable, Equatable {
        public var sqlState: String?
        public var phase: Phase
        public var reason: String
        /// What it is counted by where there is no SQLSTATE.
        public var cause: String?

        public init(sqlState: String?, phase: Phase, reason: String, cause: String? = nil) {
            (self.sqlState, self.phase, self.reason, self.cause) = (sqlState, phase, reason, cause)
        }
    }

    /// The begin or the end of something that the lab did to a part.
    public struct Fault: Sendable, Equatable {
        public enum Edge: String, Sendable { case begin, end }

        public var edge: Edge
        /// `switchover`, `failover`, `kill`, `stop`, `pause`.
        public var fault: String
        public var target: String
        public var leader: String?
        public var timeline: Timeline?

        public init(edge: Edge, fault: String, target: String, leader: String?, timeline: Timeline?) {
            (self.edge, self.fault, self.target) = (edge, fault, target)
            (self.leader, self.timeline) = (leader, timeline)
        }
    }

    /// What one interval of `reader watch` saw.
    public struct LagSample: Sendable, Equatable {
        public struct Bucket: Sendable, Equatable {
            public var microseconds: UInt64
            public var count: UInt64

            public init(microseconds: UInt64, count: UInt64) {
                (self.microseconds, self.count) = (microseconds, count)
            }
        }

        public var buckets: [Bucket]
        /// Records in the topic that are not applied yet; `nil` where the broker did not answer.
        public var recordsBehind: Int64?
        public var divergentRows: Int
        public var state: String

        public init(buckets: [Bucket], recordsBehind: Int64?, divergentRows: Int, state: String) {
            (self.buckets, self.recordsBehind) = (buckets, recordsBehind)
            (self.divergentRows, self.state) = (divergentRows, state)
        }
    }
}
