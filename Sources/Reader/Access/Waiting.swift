package import Cluster
import Dispatch
import Synchronization

/// Asks a REST interface and waits for the answer on this thread, which must not be one of the concurrency pool.
///
/// - Throws: what the question throws.
package func waiting<R: Sendable>(
    _ ask: @escaping @Sendable () async throws(ClusterError) -> R
) throws(ClusterError) -> R {
    let answer = Answer<R>()
    Task.detached {
        do throws(ClusterError) {
            answer.give(.success(try await ask()))
        } catch {
            answer.give(.failure(error))
        }
    }
    return try answer.wait().get()
}

/// One answer, handed from a task to the thread that waits for it.
private final class Answer<R: Sendable>: Sendable {
    private let result = Mutex<Result<R, ClusterError>?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ value: Result<R, ClusterError>) {
        result.withLock { $0 = value }
        given.signal()
    }

    func wait() -> Result<R, ClusterError> {
        given.wait()
        guard let value = result.withLock({ $0 }) else { preconditionFailure("signalled with a result") }
        return value
    }
}
