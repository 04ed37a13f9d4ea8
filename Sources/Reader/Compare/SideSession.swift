import Dispatch
import Model
import Postgres
import Synchronization
import Threading

/// One side's session, on a thread of its own: both servers work at the same time.
///
/// `serve` opens the session and runs what `perform` hands over, one after the other, until `end`.
final class SideSession: Sendable {
    private struct Job: Sendable {
        var run: @Sendable (borrowing Connection) -> Void
        var fail: @Sendable (PostgresError) -> Void
    }

    let side: Side
    private let options: ConnectionOptions
    private let jobs = Mutex<(waiting: [Job], hasEnded: Bool)>(([], false))
    private let wake = DispatchSemaphore(value: 0)

    init(_ side: Side, _ options: ConnectionOptions) {
        self.side = side
        self.options = options
    }

    /// Runs the session until `end` is called.
    ///
    /// A server that can't be reached is reported by every `perform`.
    func serve() async {
        await withDedicatedThread {
            do throws(PostgresError) {
                let connection = try Connection.open(
                    self.options,
                    writable: false,
                    until: .after(.seconds(10))
                )
                while let job = self.next() { job.run(connection) }
            } catch {
                while let job = self.next() { job.fail(error) }
            }
        }
    }

    /// Lets `serve` return when it has run what was handed over so far.
    func end() {
        jobs.withLock { $0.hasEnded = true }
        wake.signal()
    }

    /// Runs `body` with the session.
    ///
    /// - Throws: `CompareError` that names the side.
    func perform<R: Sendable>(
        _ body: @escaping @Sendable (borrowing Connection) throws(PostgresError) -> R
    ) async throws(CompareError) -> R {
        let result: Result<R, PostgresError> = await withCheckedContinuation { continuation in
            let job = Job(
                run: { connection in
                    do throws(PostgresError) {
                        continuation.resume(returning: .success(try body(connection)))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                },
                fail: { continuation.resume(returning: .failure($0)) }
            )
            jobs.withLock { $0.waiting.append(job) }
            wake.signal()
        }
        do throws(PostgresError) {
            return try result.get()
        } catch {
            throw CompareError(side, error)
        }
    }

    /// The next job; `nil` at the end.
    private func next() -> Job? {
        while true {
            wake.wait()
            let (job, hasEnded) = jobs.withLock { jobs -> (Job?, Bool) in
                guard !jobs.waiting.isEmpty else { return (nil, jobs.hasEnded) }
                return (jobs.waiting.removeFirst(), false)
            }
            if let job { return job }
            if hasEnded { return nil }
        }
    }
}
