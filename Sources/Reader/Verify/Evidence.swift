import Evidence
import Model
import Slots
import Tables

/// All that a verdict is judged from: plain data, so that it can be judged again, and without a database.
struct Evidence: Sendable {
    var journal: Journal
    var topic: TopicContent
    var source: TableContent
    var destination: TableContent
    /// The sink's progress by partition, from the snapshot that `destination` was read in.
    var progress: [Int32: SinkProgress]
    var fence: FenceEvidence
    var forks = ForkKnowledge()
    /// The replication slots of the leader, `nil` where nobody asked.
    var slots: [SlotState]?
    /// What the standbys' copies of the leader's logical slots are good for, by slot; empty where nobody asked.
    var standbys: [String: StandbyLook] = [:]
    /// Where the servers' logs say that walsenders began to read; `nil` where no log was given.
    var serverLog: ServerLog?
    var budgets = Budgets()
}

/// What came of the markers that were sent through the pipeline.
struct FenceEvidence: Sendable {
    var outcome: FenceOutcome
    /// What the rows that carry a marker held in the destination before it, for no touch hides a divergence.
    var rows: [FencedRow] = []
    /// Bytes of the leader's log that were filled up before the markers, for the stream was ahead of it.
    var filledBytes: Int64 = 0
    /// Whether somebody wrote to the source after the markers.
    var sourceMoved = false
}

/// How long a recovery may take, in nanoseconds; `nil` is not judged.
struct Budgets: Sendable, Equatable {
    var write: UInt64?
    var capture: UInt64?
    var endToEnd: UInt64?
}

/// A row that a marker was written to, as it was before.
struct FencedRow: Sendable, Equatable {
    var row: RowID
    var partition: Int32
    var token: Token
    /// `nil` where the destination did not have the row.
    var destinationBefore: Token?
    /// How far the sink was in the same snapshot.
    var nextOffsetBefore: Int64
}

/// Whether the markers came through the pipeline.
enum FenceOutcome: Sendable, Equatable {
    case passed(partitionCount: Int)
    /// There was nothing to send a marker with; says what to do.
    case impossible(String)
    /// A marker is in the source, and not in the topic.
    case stuckInCapture(partitions: [Int32])
    /// A marker is in the topic, and not in the destination; one text a partition.
    case stuckInApply([String])
}
