public import Model

/// Where partitions really end, as fetching from them tells.
///
/// A broker's answer to the question for the end offset may be too low (Tansu names the second offset of the
/// last batch); the high watermark of a fetch is right.
public enum PartitionEnds {
    /// The offset after the last record of each partition.
    ///
    /// - Parameter properties: librdkafka's: `bootstrap.servers` and what else the brokers want.
    /// - Throws: `KafkaError`; `_TIMED_OUT` when the end was not reached before the deadline.
    public static func find(
        _ places: [TopicPartition],
        properties: [String: String],
        deadline: Deadline
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        guard !places.isEmpty else { return [:] }
        let own = [
            "group.id": "handover-ends", "enable.auto.commit": "false", "allow.auto.create.topics": "false",
        ]
        var all = own.merging(properties) { own, _ in own }
        // Rights may be given to a group by its name.
        if let group = properties["group.id"] { all["group.id"] = group }
        var consumer = try Consumer.open(properties: all)
        var starts: [TopicPartition: Int64] = [:]
        var ends: [TopicPartition: Int64] = [:]
        for place in places {
            let (low, high) = try consumer.watermarks(
                of: place,
                timeoutMilliseconds: deadline.remainingMilliseconds
            )
            starts[place] = max(low, high - 1)
        }
        try consumer.assign(starts)
        while ends.count < places.count {
            guard !deadline.hasPassed else {
                let missing = places.filter { ends[$0] == nil }.map(\.description).joined(separator: ", ")
                throw KafkaError(
                    name: "_TIMED_OUT",
                    message:
                        "no fetch told the end in time: see whether the leaders of these partitions answer",
                    context: "ends of \(missing)",
                    isTransient: true
                )
            }
            let step = Deadline.after(.milliseconds(100))
            _ = try consumer.next(by: min(step, deadline))
            for place in places { ends[place] = consumer.fetchedEnd(of: place) }
        }
        return ends
    }
}
