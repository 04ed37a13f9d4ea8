import Shared

/// Looks in the dead-letter topic for dead letters of which nobody knows whether they were sent.
enum DeadLetterSearch {
    /// Which of these dead letters are there.
    ///
    /// Every record from the earliest `searchStart` to the end is looked at, those of open transactions of other
    /// programs included.
    ///
    /// - Throws: `KafkaError`; `_TIMED_OUT` when the end was not reached before the deadline.
    static func find(
        _ letters: [DeadLetter],
        connector: String,
        properties: [String: String],
        deadline: Deadline
    ) throws(KafkaError) -> Set<DeadLetter.Origin> {
        var starts: [TopicPartition: Int64] = [:]
        for letter in letters {
            guard let place = letter.record?.place else { continue }
            starts[place] = min(letter.searchStart, starts[place] ?? .max)
        }
        let fixed = [
            "group.id": "handover-dead-letters", "enable.auto.commit": "false",
            "enable.partition.eof": "true", "isolation.level": "read_uncommitted",
            "allow.auto.create.topics": "false",
            // Where retention took the start, or the topic was made anew: all that is there.
            "auto.offset.reset": "earliest",
        ]
        var consumer = try Consumer.open(properties: properties.merging(fixed) { $1 })
        try consumer.assign(starts)
        let wanted = Set(letters.map(\.origin))
        var found: Set<DeadLetter.Origin> = []
        while !consumer.endedPartitions.isSuperset(of: starts.keys), found.count < wanted.count {
            guard !deadline.hasPassed else {
                throw KafkaError(
                    name: "_TIMED_OUT",
                    message: "its end was not reached in time",
                    context: "search in \(starts.keys.map(\.topic).first ?? "the dead-letter topic")",
                    isTransient: true
                )
            }
            guard
                let message = try consumer.poll(timeoutMilliseconds: min(100, deadline.remainingMilliseconds))
            else { continue }
            if let origin = DeadLetterHeaders.origin(of: message, connector: connector),
                wanted.contains(origin)
            {
                found.insert(origin)
            }
        }
        return found
    }
}
