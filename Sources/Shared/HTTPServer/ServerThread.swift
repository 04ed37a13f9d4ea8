import Glibc

/// Runs blocking work on a thread of its own, which is gone when this returns.
///
/// The thread, and those that it starts, take no signals: the program's handlers run elsewhere, and no wait here
/// is cut short.
func withServerThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async throws(SystemError) -> R {
    var thread = pthread_t()
    let result: Result<R, SystemError> = await withCheckedContinuation { continuation in
        let work = Unmanaged.passRetained(ThreadWork { continuation.resume(returning: .success(body())) })
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                var signals = sigset_t()
                sigfillset(&signals)
                // A fault in this thread is reported in this thread.
                for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] {
                    sigdelset(&signals, fault)
                }
                pthread_sigmask(SIG_SETMASK, &signals, nil)
                // SAFETY: retained above for exactly this thread.
                Unmanaged<ThreadWork>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            continuation.resume(returning: .failure(SystemError(code: code)))
            return
        }
    }
    let value = try result.get()
    // The work is done; what is left is the end of the thread itself, which takes microseconds.
    pthread_join(thread, nil)
    return value
}

private final class ThreadWork: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}
