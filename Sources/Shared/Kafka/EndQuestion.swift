import CRDKafka
import Model

/// Where a partition ends, as its leader says.
public struct PartitionEnd: Sendable, Equatable {
    /// The offset after the last record that all replicas in sync have.
    public let offset: Int64
    /// How often the partition has had another leader; `nil` where the broker does not say (KIP-320).
    public let leaderEpoch: Int32?

    public init(offset: Int64, leaderEpoch: Int32?) {
        (self.offset, self.leaderEpoch) = (offset, leaderEpoch)
    }
}

/// The question to the leaders for the ends of partitions, asked without waiting for the answer; owns its queue.
///
/// librdkafka asks each leader by itself: the answer has what those say that are there, and an error for the partitions of
/// one that is not.
///
/// A class, because what it holds must be given back before the consumer's handle ends.
final class EndQuestion {
    typealias Answer = [TopicPartition: Result<PartitionEnd, KafkaError>]

    private let queue: OpaquePointer?
    /// The partitions that are asked for; empty when nothing is.
    private var open: [TopicPartition] = []

    init(of handle: OpaquePointer) {
        queue = rd_kafka_queue_new(handle)
    }

    /// Asks, unless a question is open.
    ///
    /// - Returns: whether it was asked.
    func ask(_ places: [TopicPartition], timeoutMilliseconds: Int32, of handle: OpaquePointer) -> Bool {
        guard open.isEmpty, !places.isEmpty, let queue, let ask = LaterFunctions.listOffsets else {
            return false
        }
        let list = PartitionList(
            Dictionary(uniqueKeysWithValues: places.map { ($0, Int64(RD_KAFKA_OFFSET_END)) })
        )
        withRequestOptions(handle, timeoutMilliseconds: timeoutMilliseconds) { options in
            ask(handle, list.pointer, options, queue)
        }
        open = places
        return true
    }

    /// The answer to the open question; `nil` while there is none.
    func take(waitingMilliseconds: Int32 = 0) -> Answer? {
        guard !open.isEmpty, let queue, let event = rd_kafka_queue_poll(queue, waitingMilliseconds) else {
            return nil
        }
        defer { rd_kafka_event_destroy(event) }
        let code = rd_kafka_event_error(event)
        var answer: Answer = [:]
        for place in open {
            answer[place] = .failure(
                code == RD_KAFKA_RESP_ERR_NO_ERROR
                    ? Self.unanswered(place)
                    : KafkaError(
                        code,
                        context: "end of \(place)",
                        message: rd_kafka_event_error_string(event).map { String(cString: $0) }
                    )
            )
        }
        open = []
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let result = LaterFunctions.listOffsetsResult?(event) else {
            return answer
        }
        var count = 0
        guard let infos = LaterFunctions.listOffsetsInfos?(result, &count) else { return answer }
        for index in 0..<count {
            guard let element = LaterFunctions.listOffsetsPlace?(infos[index]),
                let topic = element.pointee.topic
            else { continue }
            let place = TopicPartition(topic: String(cString: topic), partition: element.pointee.partition)
            guard answer[place] != nil else { continue }
            answer[place] = Self.end(of: place, element)
        }
        return answer
    }

    private static func end(
        of place: TopicPartition,
        _ element: UnsafePointer<rd_kafka_topic_partition_t>
    ) -> Result<PartitionEnd, KafkaError> {
        guard element.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return .failure(KafkaError(element.pointee.err, context: "end of \(place)"))
        }
        guard element.pointee.offset >= 0 else { return .failure(unanswered(place)) }
        let epoch = LaterFunctions.leaderEpoch?(element)
        return .success(
            PartitionEnd(
                offset: element.pointee.offset,
                leaderEpoch: epoch.flatMap { $0 >= 0 ? $0 : nil }
            )
        )
    }

    private static func unanswered(_ place: TopicPartition) -> KafkaError {
        KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, context: "end of \(place)")
    }

    /// Gives the queue back; must come before the handle's end.
    func close() {
        if let queue { rd_kafka_queue_destroy(queue) }
    }
}
