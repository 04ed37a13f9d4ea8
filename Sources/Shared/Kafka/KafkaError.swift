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
            name: rd_kafka_err2name(code).map { String(cString: $0) } ?? "\(code.rawValue)",
            message: message ?? rd_kafka_err2str(code).map { String(cString: $0) } ?? "",
            context: context,
            isTransient: Self.transient.contains(code)
        )
    }

    /// Whether no broker could be talked to: it is away, or there is no agreement on TLS or on who this is.
    public var isConnectionFailure: Bool {
        isTransient || ["_SSL", "_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED"].contains(name)
    }

    public var description: String { "Kafka: \(context): \(message) (\(name))" }

    private static let transient: Set<rd_kafka_resp_err_t> = [
        RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
        RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
        RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
        RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RD_KAFKA_RESP_ERR__NO_OFFSET,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
    ]
}
