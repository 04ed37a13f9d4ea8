import Model

/// When to tell Kafka how far the sink is: for the tools that show lag, so once a second is enough.
struct CommitSchedule {
    private var next = Deadline.after(.zero)
    private var last: [TopicPartition: Int64] = [:]

    /// The offsets to commit now, or `nil` when it is too early or nothing moved.
    mutating func due(_ offsets: [TopicPartition: Int64], isFinal: Bool) -> [TopicPartition: Int64]? {
        guard isFinal || next.hasPassed, offsets != last, !offsets.isEmpty else { return nil }
        next = .after(.seconds(1))
        last = offsets
        return offsets
    }
}
