import Synchronization

/// Runs an operation of a service, and the handler when the service is asked to end meanwhile.
///
/// The handler runs at most once, on any thread: at once where the end was requested before, and never after
/// this has returned. It must be short, since whoever asks waits for it. Child tasks of a service hear of its
/// end too. Outside of a service group the handler never runs.
///
/// - Returns: what the operation returns: the handler has to make it end.
/// - Throws: what the operation throws.
public func withGracefulShutdownHandler<T, E: Error>(
    operation: () async throws(E) -> T,
    onGracefulShutdown handler: @escaping @Sendable () -> Void
) async throws(E) -> T {
    guard let signal = EndSignal.current else { return try await operation() }
    let number = signal.add(handler)
    defer { signal.remove(number) }
    return try await operation()
}

/// Asks one service to end.
final class EndSignal: Sendable {
    /// That of the service whose task this is.
    @TaskLocal static var current: EndSignal?

    private struct State {
        var isRequested = false
        var handlers: [Int: @Sendable () -> Void] = [:]
        var addedCount = 0
    }

    private let state = Mutex(State())

    /// Runs the handlers, in the order in which they were added.
    func request() {
        // In the lock: a handler that is removed does not run any more.
        state.withLock { state in
            state.isRequested = true
            for (_, handler) in state.handlers.sorted(by: { $0.key < $1.key }) { handler() }
            state.handlers = [:]
        }
    }

    func add(_ handler: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.addedCount += 1
            if state.isRequested { handler() } else { state.handlers[state.addedCount] = handler }
            return state.addedCount
        }
    }

    func remove(_ number: Int) {
        state.withLock { _ = $0.handlers.removeValue(forKey: number) }
    }
}
