import FoundationEssentials
import Kafka
import Model

/// Looks up single records of a log, beside the consumer that reads it.
enum RecordProbe {
    /// The marks of the records at these offsets; those that the broker does not have any more are not in the
    /// result.
    ///
    /// - Parameter properties: librdkafka's, with `enable.partition.eof`; the group is not joined.
    /// - Throws: `KafkaError`; `_TIMED_OUT` when the brokers did not answer before the deadline.
    static func find(
        _ offsets: [TopicPartition: Int64],
        properties: [String: String],
        deadline: Deadline
    ) throws(KafkaError) -> [TopicPartition: RecordMark] {
        guard !offsets.isEmpty else { return [:] }
        var properties = properties
        properties["client.id"] = (properties["client.id"] ?? "handover-sink") + "-probe"
        // One record of each partition is wanted, not what lies after it.
        properties["fetch.message.max.bytes"] = "65536"
        properties["queued.min.messages"] = "1"
        var consumer = try Consumer.open(properties: properties)
        try consumer.assign(offsets)
        var marks: [TopicPartition: RecordMark] = [:]
        // In the place of a record that compaction has taken comes a later one, or the end of the log.
        var scan = LogScan(
            offsets.mapValues { ($0, $0 + 1) },
            for: "looking at the last records that were applied",
            by: deadline
        )
        do throws(KafkaError) {
            while let message = try consumer.next(of: &scan) {
                let topic = consumer.topicName(message.topicIndex)
                let place = TopicPartition(topic: topic, partition: message.partition)
                if message.offset == offsets[place], let timestamp = message.timestamp {
                    marks[place] = RecordMark(offset: message.offset, timestamp: timestamp)
                }
            }
        } catch {
            // Of a log whose end compaction has emptied a fetch tells where it ends, and no end is ever met.
            let isAnswered = offsets.allSatisfy { place, offset in
                scan.isComplete(place) || consumer.fetchedEnd(of: place) == offset + 1
            }
            guard error.isTransient, isAnswered else { throw error }
        }
        return marks
    }
}

extension RecordMark {
    /// The time as people read it, in UTC.
    var time: String {
        // The fraction is put after: as part of a Date it would be rounded.
        let (seconds, fraction) = timestamp.quotientAndRemainder(dividingBy: 1000)
        let digits = String(decoding: String(abs(fraction) + 1000).utf8.dropFirst(), as: UTF8.self)
        let time = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return time.replacingScalars("Z", with: ".\(digits)Z")
    }
}
