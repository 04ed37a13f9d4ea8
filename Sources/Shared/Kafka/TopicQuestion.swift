import CRDKafka

/// What the brokers say of a topic.
public struct TopicOutline: Sendable, Equatable {
    public let partitionCount: Int
    /// The identifier that the topic was given when it was made (KIP-516), in base64; `nil` where the broker has none.
    public let identifier: String?

    public init(partitionCount: Int, identifier: String? = nil) {
        (self.partitionCount, self.identifier) = (partitionCount, identifier)
    }
}

/// The question to the brokers which partitions topics have, asked without waiting for the answer; owns its queue.
///
/// A class, because what it holds must be given back before the consumer's handle ends.
final class TopicQuestion {
    private let queue: OpaquePointer?
    private var isOpen = false

    init(of handle: OpaquePointer) {
        queue = rd_kafka_queue_new(handle)
    }

    /// Asks, unless a question is open.
    func ask(_ topics: [String], timeoutMilliseconds: Int32, of handle: OpaquePointer) {
        guard !isOpen, let queue else { return }
        withRequestOptions(handle, timeoutMilliseconds: timeoutMilliseconds) { options in
            isOpen = LaterFunctions.describe(topics, handle, options, queue)
        }
    }

    /// The answer to the open question, without the topics that the broker does not know; `nil` while there is none, and
    /// when it is an error.
    func take() -> [String: TopicOutline]? {
        guard isOpen, let queue, let event = rd_kafka_queue_poll(queue, 0) else { return nil }
        defer { rd_kafka_event_destroy(event) }
        isOpen = false
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return LaterFunctions.outlines(in: event)
    }

    /// Gives the queue back; must come before the handle's end.
    func close() {
        if let queue { rd_kafka_queue_destroy(queue) }
    }
}
