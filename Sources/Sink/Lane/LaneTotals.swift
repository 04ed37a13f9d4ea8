import Telemetry

/// What the lanes of a sink have done since the process began, for metrics.
struct LaneTotals: Sendable {
    /// Events that were applied, by what they did at the source.
    var applied = EventCounts()
    /// Records that change nothing: tombstones, deletes that are not wanted, messages.
    var ignored = 0
    /// Records in a transaction.
    var batchSizes = BucketHistogram.sizes
    /// Seconds from the first statement of a transaction to the last answer.
    var applyTimes = BucketHistogram.seconds
    /// Waits before something was tried again, by SQLSTATE class.
    var retries: [String: Int] = [:]
    var rebalances = 0
    var brokerErrors = 0
}
