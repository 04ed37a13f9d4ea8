import Synchronization
import Threading

/// The thread that puts phantoms right; at most one at a time, because looking must go on meanwhile.
final class RepairThread: Sendable {
    private struct State: Sendable {
        var signal: StopSignal?
        var isRunning = false
        var done: [GuardState.Repair] = []
    }

    private let state = Mutex(State())

    /// Whether it runs, and which repairs are done and not forgotten yet.
    var progress: (isRunning: Bool, done: [GuardState.Repair]) {
        state.withLock { ($0.isRunning, $0.done) }
    }

    /// Repairs whose end is written down.
    func forget(_ done: [GuardState.Repair]) {
        state.withLock { $0.done.removeAll { done.contains($0) } }
    }

    /// Asks it to end; it may go on for a moment.
    func stop() {
        state.withLock { state in
            state.signal?.request()
            state.signal = nil
        }
    }

    /// Runs the work, which ends early when its signal is requested; not while it runs already.
    ///
    /// - Parameter work: returns whether the repair is done.
    func start(
        _ repair: GuardState.Repair,
        _ work: @escaping @Sendable (StopSignal) -> Bool
    ) {
        let signal = StopSignal()
        state.withLock { ($0.signal, $0.isRunning) = (signal, true) }
        Task.detached { [self] in
            await withDedicatedThread {
                let isDone = work(signal)
                self.state.withLock { state in
                    // Together: whoever sees that it has ended sees what it has done.
                    if isDone { state.done.append(repair) }
                    state.isRunning = false
                }
            }
        }
    }
}
