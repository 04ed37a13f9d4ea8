import CRDKafka
import Model

/// How the memory of fetched sets is kept from one fetch to the next, and given back at rest.
///
/// A fetched set is a block of some megabytes. Mapped for each fetch and unmapped after it, a third of the time of a sink
/// under full load went into page faults; kept in the heap, the same pages serve again. glibc keeps them by itself as well,
/// but raises its limits with each large block, and gives nothing back that does not lie at the end of a heap
/// (mallopt(3), malloc_trim(3)).
struct FetchMemory {
    /// Blocks from this size on are mapped on their own: more than a fetch brings, below glibc's own limit of 32 MB.
    private static let mappedFrom: Int32 = 31 << 20
    /// So much may lie unused at the end of a heap, of which each of librdkafka's threads has one.
    private static let keptAtEnd: Int32 = 32 << 20
    private static let pause = Duration.seconds(10)

    private var hasFetched = false
    private var next = Deadline(monotonic: 0)

    /// Sets glibc's limits for this process; they stay as they are then.
    static func prepare() {
        mallopt(M_MMAP_THRESHOLD, mappedFrom)
        mallopt(M_TRIM_THRESHOLD, keptAtEnd)
    }

    mutating func fetched() { hasFetched = true }

    /// Nothing has come for a while: what lies unused goes back to the system, once after each time of work.
    ///
    /// - Returns: whether anything was looked for.
    @discardableResult
    mutating func rested(at now: Moment = .now()) -> Bool {
        guard hasFetched, next.monotonic <= now.monotonic else { return false }
        (hasFetched, next) = (false, Deadline(monotonic: now.monotonic + Self.pause.nanoseconds))
        malloc_trim(0)
        return true
    }
}
