import Glibc
public import Model
import Synchronization

/// Runs blocking work on a thread of its own, so that it never occupies one of the concurrency pool.
///
/// The thread is gone when this returns, with what libraries keep for each thread.
///
/// - Parameter body: plain synchronous code; it ends by itself, asked through a `StopSignal`.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
public func withDedicatedThread<R: Sendable, E: Error>(
    _ body: @escaping @Sendable () throws(E) -> R
) async throws(E) -> R {
    var thread = pthread_t()
    let result: Result<R, E> = await withCheckedContinuation { continuation in
        let work = ThreadBody {
            do throws(E) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context else { return nil }
            // SAFETY: retained below for exactly this thread.
            let work = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
            work.run()
            return nil
        }
        let code = pthread_create(&thread, nil, entry, Unmanaged.passRetained(work).toOpaque())
        precondition(code == 0, "the system has no thread left (pthread_create: \(code))")
    }
    // The work is done; what is left is the end of the thread itself, which takes microseconds. Left to itself it may
    // come to lie in the end of the process: OpenSSL frees its state of a thread in both, and the heap breaks.
    pthread_join(thread, nil)
    return try result.get()
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// Asks threads to end; they look at it between two pieces of work.
public final class StopSignal: Sendable {
    private let requested = Atomic<Bool>(false)

    public init() {}

    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    public func request() {
        requested.store(true, ordering: .releasing)
    }

    /// Waits for `duration`, or until the end is requested; asks ten times a second at least.
    public func sleep(_ duration: Duration) {
        sleep(until: .after(duration))
    }

    /// Waits until the deadline, or until the end is requested.
    public func sleep(until deadline: Deadline) {
        while !isRequested {
            let now = Moment.monotonicNow()
            guard now < deadline.monotonic else { return }
            let nanoseconds = min(deadline.monotonic - now, 50_000_000)
            usleep(useconds_t(nanoseconds / 1_000))
        }
    }
}
