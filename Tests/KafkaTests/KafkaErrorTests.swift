import CRDKafka
import Testing

@testable import Kafka

struct KafkaErrorTests {
    /// What a rolling restart, a moved partition, a moved coordinator or a broker without its disk answers.
    @Test(
        arguments: [
            RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
            rd_kafka_resp_err_t(-137), rd_kafka_resp_err_t(100), rd_kafka_resp_err_t(110),
            rd_kafka_resp_err_t(113),
        ]
    )
    func `what brokers come over by themselves ends nothing`(code: rd_kafka_resp_err_t) {
        #expect(KafkaError(code, context: "test").isTransient)
    }

    @Test func `an answer above the client's limit is known, and a damaged one is not taken for it`() {
        let large = "Invalid response size 10485832 (0..2000000): increase receive.message.max.bytes"
        for (message, exceeds) in [(large, true), ("Receive failed: bad frame", false)] {
            let error = KafkaError(RD_KAFKA_RESP_ERR__BAD_MSG, context: "test", message: message)
            #expect(error.exceedsLimit == exceeds)
        }
    }

    /// These need a person, or are the end of what can be trusted.
    @Test(
        arguments: [
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
            RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE,
            RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__SSL,
        ]
    )
    func `what waiting does not mend is not waited for`(code: rd_kafka_resp_err_t) {
        #expect(!KafkaError(code, context: "test").isTransient)
    }
}
