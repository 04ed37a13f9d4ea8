import CRDKafka

/// What went wrong between this program and the brokers.
public struct KafkaError: Error, Sendable, CustomStringConvertible {
    /// librdkafka's name of the error, such as `_TRANSPORT` or `UNKNOWN_TOPIC_OR_PART`.
    public let name: String
    public let message: String
    /// What was being done, with topic and partition where there is one.
    public let context: String
    /// Whether the same call may work later without anybody's doing.
    public let isTransient: Bool

    public init(name: String, message: String, context: String, isTransient: Bool = false) {
        self.name = name
        self.message = message
        self.context = context
        self.isTransient = isTransient
    }

    init(_ code: rd_kafka_resp_err_t, context: String, message: String? = nil) {
        self.init(
            name: Self.name(of: code),
            message: message ?? rd_kafka_err2str(code).map { String(cString: $0) } ?? "",
            context: context,
            isTransient: Self.transient.contains(code)
        )
    }

    /// What ended a client for good, by the name of its cause: `_FATAL` says nothing.
    ///
    /// Never transient, whatever the cause: only another client comes over it.
    static func fatal(of handle: OpaquePointer, context: String) -> KafkaError {
        var text = [CChar](repeating: 0, count: 512)
        let cause = rd_kafka_fatal_error(handle, &text, text.count)
        return KafkaError(
            name: Self.name(of: cause),
            message: text.text,
            context: context
        )
    }

    /// Debian 12's librdkafka has no name for some codes of the group protocol of KIP-848.
    private static func name(of code: rd_kafka_resp_err_t) -> String {
        if code == unreleasedInstance { return "UNRELEASED_INSTANCE_ID" }
        return rd_kafka_err2name(code).map { String(cString: $0) } ?? "\(code.rawValue)"
    }

    /// Another member of the group has this one's `group.instance.id`, or had it until it died a moment ago.
    private static let unreleasedInstance = rd_kafka_resp_err_t(111)

    /// Whether no broker could be talked to: it is away, or there is no agreement on TLS or on who this is.
    public var isConnectionFailure: Bool { isTransient || Disagreement(self) != nil }

    /// Whether a broker's answer is larger than this client may take: it will be so again each time.
    public var exceedsLimit: Bool {
        name == "_BAD_MSG" && message.range(ofBytes: "receive.message.max.bytes") != nil
    }

    public var description: String { "Kafka: \(context): \(message) (\(name))" }

    /// Whether librdkafka or the brokers come over an error by themselves.
    ///
    /// The retriable errors of Kafka's protocol (kafka.apache.org/protocol#protocol_error_codes), and those that the
    /// Java client tries again at a fetch although they are not marked so: a broker that starts, moves a partition or
    /// lost its disk answers with any of them. UNKNOWN_SERVER_ERROR is what an older or a wrapped broker says instead.
    private static let transient: Set<rd_kafka_resp_err_t> = [
        RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND,
        RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
        RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
        RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
        RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        // The client's own word for a partition whose leader the metadata do not have at the moment.
        RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__NO_OFFSET,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        // The headers of Debian 12's librdkafka do not name these yet.
        rd_kafka_resp_err_t(-137),  // _DESTROY_BROKER: the metadata no longer have the broker that was asked
        rd_kafka_resp_err_t(100),  // UNKNOWN_TOPIC_ID
        rd_kafka_resp_err_t(103),  // FETCH_SESSION_TOPIC_ID_ERROR
        rd_kafka_resp_err_t(106),  // INELIGIBLE_REPLICA
        rd_kafka_resp_err_t(110),  // FENCED_MEMBER_EPOCH
        unreleasedInstance,
        rd_kafka_resp_err_t(113),  // STALE_MEMBER_EPOCH
    ]
}
