import HTTPServer
import Testing

@testable import Sink

@Suite struct WorkerConfigurationTests {
    private static let good = [
        "bootstrap.servers": "b:9092", "group.id": "g", "config.storage.topic": "c",
        "status.storage.topic": "s",
    ]

    private func read(_ changes: [String: String?], _ environment: [String: String] = [:]) throws
        -> WorkerConfiguration
    {
        var properties = Self.good
        for (name, value) in changes { properties[name] = value }
        return try WorkerConfiguration(properties, path: "w", secrets: SecretSource(environment: environment))
    }

    @Test func `Kafka Connect's own file is enough`() throws {
        // config/connect-distributed.properties of Kafka 4, without its comments.
        let configuration = try read([
            "bootstrap.servers": "localhost:9092", "group.id": "connect-cluster",
            "key.converter": "org.apache.kafka.connect.json.JsonConverter",
            "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true",
            "offset.storage.topic": "connect-offsets", "offset.storage.replication.factor": "1",
            "config.storage.topic": "connect-configs", "config.storage.replication.factor": "1",
            "status.storage.topic": "connect-status", "status.storage.replication.factor": "1",
            "offset.flush.interval.ms": "10000", "plugin.path": "/opt/connectors",
        ])
        #expect(configuration.topics.state == .init(name: "connect-configs", replicationFactor: 1))
        #expect(configuration.topics.status == .init(name: "connect-status", replicationFactor: 1))
        #expect(configuration.session == .seconds(10))
        #expect(configuration.heartbeat == .seconds(3))
        #expect(
            configuration.notes.map(\.property) == [
                "offset.flush.interval.ms", "offset.storage.replication.factor", "offset.storage.topic",
                "plugin.path",
            ]
        )
    }

    @Test(arguments: [
        ("http://:8083", "0.0.0.0:8083"), ("HTTP://127.0.0.1:80, https://h:1", "127.0.0.1:80"),
        ("https://h:8443", "h:8443"), ("http://[::1]:8083", "[::1]:8083"),
    ])
    func `listeners say where it listens`(listeners: String, address: String) throws {
        #expect(try read(["listeners": listeners]).listen == ListenAddress(address))
        #expect(try read(["listeners": listeners]).wantsTLS == (address == "h:8443"))
        #expect(try read([:]).listen == nil)
        #expect(try read(["rest.port": "8000", "rest.host.name": "h"]).listen == ListenAddress("h:8000"))
    }

    @Test func `a worker is known by what it advertises, else by where it listens`() throws {
        let address = try #require(ListenAddress("127.0.0.1:8083"))
        #expect(try read([:]).workerID(listening: address) == "127.0.0.1:8083")
        let given: [String: String?] = ["rest.advertised.host.name": "w1", "rest.advertised.port": "80"]
        #expect(try read(given).workerID(listening: address) == "w1:80")
        let anywhere = try #require(ListenAddress("0.0.0.0:8083"))
        #expect(try read([:]).workerID(listening: anywhere) == "\(HostName.own):8083")
    }

    @Test func `the brokers' login is that of its own clients, and prefixes are the connectors'`() throws {
        let configuration = try read(
            [
                "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "consumer.max.poll.records": "5",
                "sasl.jaas.config":
                    #"org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${env:P}";"#,
            ],
            ["P": "s3cret"]
        )
        let properties = configuration.producerProperties
        #expect(properties["sasl.username"] == "u")
        #expect(properties["sasl.password"] == "s3cret")
        #expect(properties["acks"] == "all")
        #expect(properties["max.poll.records"] == nil)
        #expect(configuration.consumerProperties["enable.auto.commit"] == "false")
        #expect(configuration.connectors.complete([:])["consumer.override.max.poll.records"] == "5")
    }

    @Test(
        arguments: [
            (["group.id": nil], "group.id: is missing"),
            (["config.storage.topic": " "], "config.storage.topic: is missing"),
            (["listeners": "8083"], "listeners = \"8083\": must be such as"),
            (["session.timeout.ms": "4000"], "session.timeout.ms = \"4000\": must be twice"),
            (["heartbeat.interval.ms": "x"], "heartbeat.interval.ms = \"x\": must be a number"),
            (["rest.port": "70000"], "rest.port"),
            (["rest.extension.classes": "org.x.BasicAuth"], "--token-file"),
            (["ssl.truststore.location": "/t.jks"], "ssl.truststore.location"),
            (["sasl.jaas.config": "${env:NOT_SET}"], "the environment variable NOT_SET is not set"),
        ] as [([String: String?], String)]
    )
    func `what is wrong is said by its name`(changes: [String: String?], problem: String) throws {
        let error = #expect(throws: WorkerConfiguration.Failure.self) { try read(changes) }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
    }
}
