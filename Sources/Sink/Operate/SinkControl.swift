import Model
import Synchronization
import Threading

/// The orders of an operator, and what the lanes that run now tell.
///
/// Lanes come in generations: a restart ends one in order, lane by lane, and begins the next in the same process.
final class SinkControl: Sendable {
    private struct State {
        var configuration: SinkConfiguration
        var lanes: [LaneControl] = []
        var isPaused = false
        var isStopping = false
        /// Why the latest generation failed, if it did.
        var failure: String?
        /// What the next generation is to run with.
        var next: SinkConfiguration?
        var restarts = 0
    }

    /// What becomes of an order to restart.
    enum RestartAnswer: Equatable {
        case accepted
        /// A restart or the end is under way.
        case busy
        /// The file belongs to another sink: its progress is stored under another name.
        case otherName(String)
    }

    let startedAt = Moment.now()
    private let state: Mutex<State>
    /// Wakes who waits for the next order after a failure.
    private let orders: AsyncStream<Void>
    private let ordered: AsyncStream<Void>.Continuation

    init(configuration: SinkConfiguration) {
        (orders, ordered) = AsyncStream.makeStream()
        state = Mutex(State(configuration: configuration))
    }

    // MARK: Orders

    /// Pauses or resumes every lane, and those of later generations.
    func order(pause: Bool) {
        state.withLock { state in
            state.isPaused = pause
            for lane in state.lanes { lane.order(pause: pause) }
        }
    }

    /// Ends the lanes of this generation one after another; the next one has this configuration.
    ///
    /// One after another, because a group whose members leave at the same moment rebalances for all of them at
    /// once, which not every broker survives.
    func restart(with configuration: SinkConfiguration) -> RestartAnswer {
        let answer: RestartAnswer = state.withLock { state in
            guard configuration.name == state.configuration.name else {
                return .otherName(state.configuration.name)
            }
            guard state.next == nil, !state.isStopping else { return .busy }
            state.next = configuration
            state.lanes.first { $0.view.phase != .ended && !$0.hasFailed }?.stop.request()
            return .accepted
        }
        if answer == .accepted { ordered.yield() }
        return answer
    }

    /// Ends everything: the batches in hand are finished.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            for lane in state.lanes { lane.stop.request() }
        }
        ordered.yield()
    }

    // MARK: Generations

    /// Makes the controls of a generation.
    func begin(_ configuration: SinkConfiguration) -> [LaneControl] {
        state.withLock { state in
            let isPaused = state.isPaused
            state.lanes = (0..<configuration.laneCount).map { LaneControl(index: $0, isPaused: isPaused) }
            state.configuration = configuration
            state.failure = nil
            if state.isStopping { for lane in state.lanes { lane.stop.request() } }
            return state.lanes
        }
    }

    /// A lane ended: in a restart the next one's turn comes; otherwise all end, because a sink that works on half
    /// of its partitions helps nobody.
    func laneEnded(_ lane: LaneControl, failure: String?) {
        if let failure { lane.failed(failure) } else { lane.ended() }
        state.withLock { state in
            if let failure, state.failure == nil { state.failure = failure }
            if state.next != nil, failure == nil, !state.isStopping {
                state.lanes.first { !$0.stop.isRequested }?.stop.request()
            } else {
                for lane in state.lanes { lane.stop.request() }
            }
        }
    }

    /// What the next generation runs with, when the lanes ended for a restart.
    func takeRestart() -> SinkConfiguration? {
        state.withLock { state in
            guard !state.isStopping, let next = state.next else { return nil }
            state.next = nil
            state.restarts += 1
            return next
        }
    }

    /// Waits after a failure until a restart or the end is ordered.
    func waitForOrder() async {
        for await _ in orders {
            if state.withLock({ $0.next != nil || $0.isStopping }) { return }
        }
    }

    // MARK: Looking

    /// What can be told now.
    struct Overview: Sendable {
        let configuration: SinkConfiguration
        let isPaused: Bool
        let isRestarting: Bool
        let isStopping: Bool
        let failure: String?
        let restarts: Int
        let startedAt: Moment
        let lanes: [LaneView]
    }

    var overview: Overview {
        state.withLock { state in
            Overview(
                configuration: state.configuration,
                isPaused: state.isPaused,
                isRestarting: state.next != nil,
                isStopping: state.isStopping,
                failure: state.failure,
                restarts: state.restarts,
                startedAt: startedAt,
                lanes: state.lanes.map(\.view)
            )
        }
    }
}

extension LaneControl {
    fileprivate var hasFailed: Bool {
        if case .failed = view.phase { return true }
        return false
    }
}
