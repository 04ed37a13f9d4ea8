import Kafka
import Testing

struct DisagreementTests {
    /// As librdkafka 2.16 reports them of Apache Kafka 4.3.1.
    @Test(
        arguments: [
            (
                "_AUTHENTICATION",
                "SASL authentication error: Authentication failed during authentication",
                Disagreement.login
            ),
            (
                "_AUTHENTICATION",
                "SASL SCRAM-SHA-256 mechanism handshake failed: Unsupported SASL mechanism",
                .login
            ),
            (
                "_SSL", "error:0A000086:SSL routines::certificate verify failed: broker",
                .brokerCertificate
            ),
            // TLS 1.3 refuses a client after the handshake, when the connection is up.
            (
                "_TRANSPORT",
                "error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number 42",
                .clientCertificate
            ),
            (
                "_TRANSPORT",
                "Disconnected: SSL connection closed by peer: connecting to a PLAINTEXT broker listener?",
                .isEncrypted
            ),
            ("_SSL", "SSL handshake failed: error:0A00010B:SSL routines::wrong version number", .isEncrypted),
        ]
    )
    func `what was not agreed on is known by the client's words`(
        name: String,
        message: String,
        expected: Disagreement
    ) {
        let error = KafkaError(name: name, message: message, context: "broker connection")
        #expect(Disagreement(error) == expected)
        #expect(error.isConnectionFailure)
    }

    @Test(
        arguments: [
            ("_TRANSPORT", "Connect to ipv4#127.0.0.1:9092 failed: Connection refused"),
            ("_ALL_BROKERS_DOWN", "3/3 brokers are down"), ("TOPIC_AUTHORIZATION_FAILED", "denied"),
            ("_TIMED_OUT", "Timed out"),
        ]
    )
    func `a broker that is away, or refuses a right, is none`(name: String, message: String) {
        #expect(Disagreement(KafkaError(name: name, message: message, context: "test")) == nil)
    }
}
