import Foundation
import Shared

/// Looks up single records of a log, beside the consumer that reads it.
enum RecordProbe {
    /// How long a record may take once the fetch that must bring it has answered.
    private static let grace = Duration.seconds(2)

    /// The marks of the records at these offsets; those that the broker does not have any more are not in the
    /// result.
    ///
    /// - Parameter properties: librdkafka's; the group is not joined.
    /// - Throws: `KafkaError`; `_TIMED_OUT` when the brokers did not answer before the deadline.
    static func find(
        _ offsets: [TopicPartition: Int64],
        properties: [String: String],
        deadline: Deadline
    ) throws(KafkaError) -> [TopicPartition: RecordMark] {
        guard !offsets.isEmpty else { return [:] }
        var properties = properties
        properties["client.id"] = (properties["client.id"] ?? "handover-sink") + "-probe"
        // One record of each partition is wanted, not what lies behind it.
        properties["fetch.message.max.bytes"] = "65536"
        properties["queued.min.messages"] = "1"
        var consumer = try Consumer.open(properties: properties)
        try consumer.assign(offsets)
        var marks: [TopicPartition: RecordMark] = [:]
        var waiting = offsets
        var ends: [TopicPartition: Deadline] = [:]
        while !waiting.isEmpty {
            guard !deadline.hasPassed else {
                throw KafkaError(
                    name: "_TIMED_OUT",
                    message: "no fetch brought the records in time",
                    context:
                        "last records of \(waiting.keys.sorted().map(\.description).joined(separator: ", "))",
                    isTransient: true
                )
            }
            do throws(KafkaError) {
                if let message = try consumer.poll(timeoutMilliseconds: 100) {
                    let topic = consumer.topicName(message.topicIndex)
                    let place = TopicPartition(topic: topic, partition: message.partition)
                    // Behind a record that compaction has taken comes another one.
                    if message.offset == waiting[place], let timestamp = message.timestamp {
                        marks[place] = RecordMark(offset: message.offset, timestamp: timestamp)
                    }
                    waiting[place] = nil
                }
            } catch {
                guard error.isTransient else { throw error }
            }
            // Nothing at all may come, if compaction has taken the rest of the log.
            for place in waiting.keys where consumer.fetchedEnd(of: place) != nil {
                if let end = ends[place] {
                    if end.hasPassed { waiting[place] = nil }
                } else {
                    ends[place] = .after(grace)
                }
            }
        }
        return marks
    }
}

extension RecordMark {
    /// The time as people read it, in UTC.
    var time: String {
        // The fraction is put behind: as part of a Date it would be rounded.
        let (seconds, fraction) = timestamp.quotientAndRemainder(dividingBy: 1000)
        let digits = String(abs(fraction) + 1000).dropFirst()
        return Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).dropLast() + ".\(digits)Z"
    }
}
