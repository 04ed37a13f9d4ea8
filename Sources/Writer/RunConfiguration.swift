import Shared

/// The validated settings of `writer run`.
struct RunConfiguration: Sendable {
    var source: Source
    var historyPath: String
    var patroniURLs: [String]
    var workerCount: Int
    var rowCount: Int
    /// Writes a second over all workers; `nil` is as fast as it goes.
    var rate: Int?
    /// `nil` is until stopped.
    var duration: Duration?
    var seed: UInt64
}
