import Testing

@testable import Sink

struct ErrorPolicyTests {
    private static let all: [String: String?] = [
        "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dead",
    ]

    @Test func `the sink stops at a record that it cannot apply unless it is told otherwise`() throws {
        #expect(try !ConfigurationFixture.read([:]).errors.toleratesRecords)
        #expect(try !ConfigurationFixture.read(["errors.tolerance": "NONE"]).errors.toleratesRecords)
        let errors = try ConfigurationFixture.read(["errors.tolerance": "All"]).errors
        #expect(errors.toleratesRecords && errors.deadLetterTopic == nil)
    }

    @Test func `the dead-letter topic has Connect's defaults`() throws {
        let topic = try #require(try ConfigurationFixture.read(Self.all).errors.deadLetterTopic)
        #expect(topic.name == "dead" && topic.replicationFactor == 3 && !topic.hasContextHeaders)
        let other = try ConfigurationFixture.read(
            Self.all.merging([
                "errors.deadletterqueue.topic.replication.factor": "1",
                "errors.deadletterqueue.context.headers.enable": "true",
            ]) { $1 }
        )
        #expect(other.errors.deadLetterTopic?.replicationFactor == 1)
        #expect(other.errors.deadLetterTopic?.hasContextHeaders == true)
    }

    @Test func `the producer speaks to the brokers as the consumer does, and loses nothing`() throws {
        let configuration = try ConfigurationFixture.read(
            Self.all.merging([
                "consumer.override.security.protocol": "SASL_SSL",
                "consumer.override.sasl.username": "alice",
                "consumer.override.sasl.password": "s3cret", "consumer.override.fetch.min.bytes": "10",
                "producer.override.sasl.username": "bob", "producer.override.max.request.size": "2000000",
            ]) { $1 }
        )
        let properties = configuration.producerProperties
        #expect(properties["security.protocol"] == "SASL_SSL")
        #expect(properties["sasl.username"] == "bob" && properties["sasl.password"] == "s3cret")
        #expect(properties["fetch.min.bytes"] == nil)
        #expect(properties["message.max.bytes"] == "2000000")
        #expect(properties["enable.idempotence"] == "true" && properties["acks"] == "all")
    }

    @Test(
        arguments: [
            (["errors.tolerance": "some"], "errors.tolerance = \"some\": must be none or all"),
            (
                ["errors.deadletterqueue.topic.name": "t"],
                "errors.deadletterqueue.topic.name = \"t\": is one of topics; dead letters need a topic of their own"
            ),
            (
                ["errors.deadletterqueue.topic.name": "a b"],
                "errors.deadletterqueue.topic.name = \"a b\": is no name of a topic"
            ),
            (
                ["errors.deadletterqueue.topic.replication.factor": "0"],
                "errors.deadletterqueue.topic.replication.factor = \"0\": must be a number from 1 to 32767"
            ),
            (["errors.deadletterqueue.context.headers.enable": "ja"], "must be true or false"),
            (["producer.override.acks": "1"], "producer.override.acks = \"1\": cannot be overridden"),
            (["producer.override.key.serializer": "x"], "is a class of the Java producer"),
            (["producer.override.ssl.truststore.location": "x"], "give that as ssl.ca.location"),
            (["errors.deadletterqueue.topic.nam": "x"], "did you mean errors.deadletterqueue.topic.name?"),
        ] as [([String: String?], String)]
    )
    func `what would lose dead letters, or bring them back for ever, is refused`(
        changes: [String: String?],
        problem: String
    ) {
        let found = ConfigurationFixture.problems(Self.all.merging(changes) { $1 })
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }

    @Test func `producer properties without a dead-letter topic change nothing, and that is said`() throws {
        let configuration = try ConfigurationFixture.read(["producer.override.acks": "1"])
        #expect(configuration.notes.map(\.property).contains("producer.override.acks"))
    }
}
