import Kafka
import Model

/// Where partitions that the group gives begin: where the destination says, whatever the group has committed; those that
/// were never begun where `FirstStart` says.
struct StartPlan: Equatable {
    /// Where each begins whose leader answered.
    private(set) var offsets: [TopicPartition: Int64] = [:]
    /// Those that were never begun.
    private(set) var fresh: [TopicPartition: FirstStart] = [:]

    /// - Parameters:
    ///   - stored: the destination's progress.
    ///   - committed: the group's offsets of partitions without progress.
    ///   - bounds: what the leaders have; partitions whose leader does not answer are not in it, and are left out.
    /// - Throws: `SinkError.missingOffset` where the broker no longer has what comes next, `noFirstOffset` as `FirstStart`.
    init(
        stored: [TopicPartition: Int64],
        committed: [TopicPartition: CommittedOffset],
        bounds: [TopicPartition: LogBounds],
        policy: FirstStart.Policy
    ) throws(SinkError) {
        for (place, marks) in bounds.sorted(by: { $0.key < $1.key }) {
            if let next = stored[place] {
                guard marks.low <= next, next <= marks.high else {
                    throw .missingOffset(place, stored: next, low: marks.low, high: marks.high)
                }
                offsets[place] = next
            } else {
                let start = try FirstStart(
                    of: place,
                    committed: committed[place],
                    marks: (marks.low, marks.high),
                    policy: policy
                )
                (offsets[place], fresh[place]) = (start.offset, start)
            }
        }
    }

    /// Where each begins that has begun before.
    var continued: [TopicPartition: Int64] { offsets.filter { fresh[$0.key] == nil } }
}
