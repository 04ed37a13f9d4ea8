import Dispatch
import Glibc
import Synchronization

/// Where a service group hears from that it is to end: the process's signals, in tests something else.
struct EndRequests: Sendable {
    /// Begins to listen; gives the name of each request.
    let begin: @Sendable () throws(ServiceGroupError) -> AsyncStream<String>
    /// Whether one has come already.
    let isAsked: @Sendable () -> Bool
    let end: @Sendable () -> Void

    static let signals = EndRequests(
        begin: ProcessSignals.listen,
        isAsked: { caughtCount.load(ordering: .acquiring) > 0 },
        end: ProcessSignals.restore
    )
}

/// How many signals were caught since the handlers are there.
private let caughtCount = Atomic<Int>(0)
/// What the handler writes to: the pipe's end, once it is there.
private let wakeDescriptor = Atomic<Int32>(-1)

/// The process's SIGTERM and SIGINT.
///
/// A handler, a pipe and a thread ("self-pipe", D. J. Bernstein), since signals come to whatever thread there
/// is: sigwait(3) and signalfd(2) need them blocked in all threads, those of libraries too. The handler only
/// calls what signal-safety(7) lists, and ends the process by the second signal whatever the threads do.
enum ProcessSignals {
    private struct State {
        /// What the signals did before; empty where the handlers are not installed.
        var former: [(number: Int32, action: sigaction)] = []
        /// The signal that came before anyone listened.
        var pending: String?
        var listener: AsyncStream<String>.Continuation?
    }

    private static let state = Mutex(State())
    /// The pipe and its thread live as long as the process: a handler may run in any thread at any time.
    private static let pipe: Result<Void, ServiceGroupError> = makePipe()

    /// Installs the handlers, unless they are there.
    static func install() throws(ServiceGroupError) {
        try pipe.get()
        state.withLock { state in
            guard state.former.isEmpty else { return }
            caughtCount.store(0, ordering: .releasing)
            signal(SIGPIPE, SIG_IGN)
            for number in [SIGTERM, SIGINT] {
                var (action, former) = (sigaction(), sigaction())
                action.sa_flags = SA_RESTART
                // SAFETY: the handler captures nothing and only calls what signal-safety(7) lists; the
                // globals that it loads from are there, since `pipe` and the line above have used them.
                action.__sigaction_handler.sa_handler = { number in
                    let code = errno
                    if caughtCount.add(1, ordering: .acquiringAndReleasing).oldValue == 0 {
                        var byte = UInt8(truncatingIfNeeded: number)
                        // SAFETY: `byte` lives until the call returns, and one byte is read.
                        write(wakeDescriptor.load(ordering: .acquiring), &byte, 1)
                    } else {
                        // Blocked while it is handled, the signal acts when this returns.
                        signal(number, SIG_DFL)
                        raise(number)
                    }
                    errno = code
                }
                sigaction(number, &action, &former)
                state.former.append((number, former))
            }
        }
    }

    /// Installs the handlers and gives the first signal, also one that came before.
    static func listen() throws(ServiceGroupError) -> AsyncStream<String> {
        try install()
        let (stream, continuation) = AsyncStream<String>.makeStream()
        state.withLock { state in
            precondition(state.listener == nil, "one service group of a process runs at a time")
            state.listener = continuation
            if let name = state.pending { continuation.yield(name) }
        }
        return stream
    }

    /// Gives the signals back what they did before.
    static func restore() {
        state.withLock { state in
            for (number, former) in state.former {
                var former = former
                sigaction(number, &former, nil)
            }
            state.listener?.finish()
            state = State()
        }
    }

    private static func makePipe() -> Result<Void, ServiceGroupError> {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { return .failure(.noPipe(code: errno)) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (reading, writing) = (ends[0], ends[1])
        wakeDescriptor.store(writing, ordering: .releasing)
        DispatchQueue(label: "signals").async {
            var byte: UInt8 = 0
            while true {
                // SAFETY: `byte` lives until the call returns, and one byte is written.
                let count = read(reading, &byte, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return }
                let name = Int32(byte) == SIGTERM ? "SIGTERM" : "SIGINT"
                state.withLock { state in
                    if let listener = state.listener { listener.yield(name) } else { state.pending = name }
                }
            }
        }
        return .success(())
    }
}
