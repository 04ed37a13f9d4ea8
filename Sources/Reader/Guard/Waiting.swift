import Access
import Cluster

/// Asks a REST interface of the cluster and waits for the answer on this thread.
func waiting<R: Sendable>(
    for part: GuardError.Part,
    _ ask: @escaping @Sendable () async throws(ClusterError) -> R
) throws(GuardError) -> R {
    do throws(ClusterError) {
        return try Access.waiting(ask)
    } catch {
        throw GuardError(part, "\(error)", isMissing: error.status == 404)
    }
}
