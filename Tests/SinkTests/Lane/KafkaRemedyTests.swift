import Kafka
import Testing

@testable import Sink

struct KafkaRemedyTests {
    @Test(
        arguments: [
            ("INVALID_SESSION_TIMEOUT", "consumer.override.session.timeout.ms"),
            ("GROUP_AUTHORIZATION_FAILED", "READ on its group"),
            ("TOPIC_AUTHORIZATION_FAILED", "READ and DESCRIBE"),
            ("FENCED_INSTANCE_ID", "group.instance.id"), ("_AUTO_OFFSET_RESET", "sink reset FILE"),
        ]
    )
    func `an error that needs a person says what to do`(name: String, words: String) {
        let error = SinkError.kafka(KafkaError(name: name, message: "no", context: "consumer"))
        #expect(error.description.contains(words))
    }

    @Test(
        arguments: [
            // Who may write to no topic is refused for the cluster.
            ("CLUSTER_AUTHORIZATION_FAILED", "READ and WRITE on the dead-letter topic"),
            ("TOPIC_AUTHORIZATION_FAILED", "READ and WRITE on the dead-letter topic"),
            ("INVALID_REPLICATION_FACTOR", "errors.deadletterqueue.topic.replication.factor"),
            ("MSG_SIZE_TOO_LARGE", "max.message.bytes"),
        ]
    )
    func `an error of the dead-letter topic says what that topic needs`(name: String, words: String) {
        let error = SinkError.deadLetters(KafkaError(name: name, message: "no", context: "producer"))
        #expect(error.description.contains(words))
        #expect(error.description.contains("No dead letter is lost"))
    }

    @Test func `an error of TLS names the properties as a sink's file has them`() {
        let error = KafkaError(
            name: "_SSL",
            message: "SSL handshake failed: error:0A000086:SSL routines::certificate verify failed",
            context: "broker connection"
        )
        #expect(SinkError.kafka(error).description.contains("consumer.override."))
        #expect(SinkError.kafka(error).description.contains("ssl.truststore.location"))
    }
}
