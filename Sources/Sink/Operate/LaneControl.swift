import Model
import Synchronization
import Threading

/// What passes between a lane's thread and everybody else: orders to the lane, its latest view from it.
///
/// The lane looks at the orders between two batches. Orders are atomics; a mutex guards the view and is
/// held for a copy only, so neither side waits for the other's work.
final class LaneControl: Sendable {
    let index: Int
    /// Asks the lane to end.
    let stop = StopSignal()
    private let pauseOrder: Atomic<Bool>
    private let latest: Mutex<LaneView>

    /// - Parameter isPaused: whether the lane begins paused.
    init(index: Int, isPaused: Bool) {
        self.index = index
        pauseOrder = Atomic(isPaused)
        latest = Mutex(LaneView())
    }

    /// Whether the lane is to apply nothing until further notice.
    var isPauseOrdered: Bool { pauseOrder.load(ordering: .acquiring) }

    func order(pause: Bool) {
        pauseOrder.store(pause, ordering: .releasing)
    }

    var view: LaneView { latest.withLock { $0 } }

    func publish(_ view: LaneView) {
        latest.withLock { $0 = view }
    }

    /// Notes why the lane ended.
    func failed(_ reason: String) {
        latest.withLock { $0.phase = .failed(reason) }
    }

    func ended() {
        latest.withLock { view in
            view.phase = .ended
            // They belong to the group again.
            view.partitions = []
        }
    }
}

/// What a lane tells about itself, as of `turnedAt`.
struct LaneView: Sendable {
    enum Phase: Equatable, Sendable {
        /// It waits for topics, tables or the group; it has had no turn yet.
        case starting
        case running
        /// Paused as ordered: the batch that was in hand is applied.
        case paused
        case failed(String)
        case ended
    }

    /// Something that went wrong, and when.
    struct Failure: Equatable, Sendable {
        let text: String
        let at: Moment
    }

    struct Partition: Sendable {
        let place: TopicPartition
        /// The offset of the first record that is not applied.
        let next: Int64
        /// The offset after the last record, as far as the broker has told; `nil` while its leader does not answer.
        let end: Int64?
        /// Since when the oldest record that is not applied waits, in milliseconds since 1970; `nil` when none does.
        let waitingSince: Int64?
        /// When the partition's leader last answered, and what came instead since; `nil` while it answers.
        var leaderAway: Failure?
        /// Whether another instance was found to have moved its progress.
        let isFenced: Bool
        let lastBatchSize: Int
        let lastFailure: Failure?
    }

    var phase = Phase.starting
    /// When the lane last told something, in nanoseconds of the monotonic clock.
    var turnedAt = Moment.monotonicNow()
    /// Since when the destination does not answer.
    var destinationAwaySince: Moment?
    /// Since when no broker answers.
    var brokersAwaySince: Moment?
    /// Since when the schema registry does not give a schema that is needed.
    var registryAwaySince: Moment?
    var lastFailure: Failure?
    var partitions: [Partition] = []
}
