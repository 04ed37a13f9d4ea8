import CRDKafka
import Model

/// Messages that librdkafka has handed out and nobody has taken yet, in their order; owns them.
///
/// Handing out many at a time saves most of what a `rd_kafka_consumer_poll` costs for each. What is handed out is out of
/// librdkafka's sight: whoever moves a partition, or gives it up, has to `drop` what is here of it. So are ends of partitions
/// that were met: one that is believed after its partition was moved back would pass over all that lies between.
///
/// A class, because what it holds must be given back before the consumer's handle ends.
final class FetchedMessages {
    private let queue: OpaquePointer?
    private var messages: [UnsafeMutablePointer<rd_kafka_message_t>?]
    private var next = 0
    private var end = 0
    private var ends: [TopicPartition: Int64] = [:]

    /// - Parameter capacity: how many are taken at a time; they pin the fetched sets that they lie in.
    init(of handle: OpaquePointer, capacity: Int = 256) {
        queue = rd_kafka_queue_get_consumer(handle)
        messages = .init(repeating: nil, count: capacity)
    }

    /// The next one, without waiting, or `nil` when librdkafka has none.
    ///
    /// It may be an error instead of a record.
    func take() -> UnsafeMutablePointer<rd_kafka_message_t>? {
        while true {
            while next < end {
                defer { next += 1 }
                if let message = messages[next] { return message }
            }
            guard let queue else { return nil }
            let count = messages.withUnsafeMutableBufferPointer {
                rd_kafka_consume_batch_queue(queue, 0, $0.baseAddress, $0.count)
            }
            (next, end) = (0, max(0, count))
            if end == 0 { return nil }
        }
    }

    /// Notes that a partition's end was met at an offset.
    func note(end offset: Int64, of place: TopicPartition) { ends[place] = offset }

    /// The ends that were met since the last call.
    func takeEnds() -> [TopicPartition: Int64] {
        guard !ends.isEmpty else { return [:] }
        defer { ends = [:] }
        return ends
    }

    /// Gives back what is here of some partitions, and errors of them; forgets their ends.
    func drop(_ isDropped: (_ topic: String, _ partition: Int32) -> Bool) {
        if !ends.isEmpty { ends = ends.filter { !isDropped($0.key.topic, $0.key.partition) } }
        for index in next..<end {
            guard let message = messages[index],
                let topic = message.pointee.rkt.flatMap({ rd_kafka_topic_name($0) }),
                isDropped(String(cString: topic), message.pointee.partition)
            else { continue }
            rd_kafka_message_destroy(message)
            messages[index] = nil
        }
    }

    /// Gives all back.
    func drop() {
        for index in next..<end {
            if let message = messages[index] { rd_kafka_message_destroy(message) }
        }
        (next, end) = (0, 0)
        ends = [:]
    }

    /// Gives all back, and the queue; must come before the handle's end.
    func close() {
        drop()
        if let queue { rd_kafka_queue_destroy(queue) }
    }
}
