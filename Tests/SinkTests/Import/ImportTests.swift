import Cluster
import FoundationEssentials
import Testing

@testable import Sink

@Suite struct ImportTests {
    private func listed(_ config: [String: String?], state: String? = "STOPPED") throws -> ListedConnector {
        struct Answer: Encodable {
            struct Configured: Encodable {
                let config: [String: String?]
            }
            struct Status: Encodable {
                struct Connector: Encodable {
                    let state: String
                }
                let connector: Connector
                let tasks: [Int]
            }
            let info: Configured
            let status: Status?
        }
        let status = state.map { Answer.Status(connector: .init(state: $0), tasks: []) }
        let answer = Answer(info: .init(config: config), status: status)
        return try JSONDecoder().decode(ListedConnector.self, from: try JSONEncoder().encode(answer))
    }

    private func offsets(_ text: String) throws -> StoredOffsets {
        try JSONDecoder().decode(StoredOffsets.self, from: Data(text.utf8))
    }

    @Test(
        arguments: [
            (nil, ["a", "x"], "a"), ("a", ["a", "b"], "a"),
            (nil, ["a", "b"], "which one? its JDBC sinks are a, b"),
            (nil, ["x"], "none of its 1 connectors is a JDBC sink"),
            ("x", ["a", "x"], "x is no JDBC sink but org.Other: its JDBC sinks are a"),
            ("c", ["a"], "there is no connector c: its JDBC sinks are a"),
        ] as [(String?, [String], String)]
    )
    func `a connector is chosen by its name, or is the only one`(
        name: String?,
        there: [String],
        found: String
    ) throws {
        var connectors: [String: ListedConnector] = [:]
        for name in there {
            let type = name == "x" ? "org.Other" : "io.confluent.connect.jdbc.JdbcSinkConnector"
            connectors[name] = try listed(["connector.class": type])
        }
        switch ConnectorChoice(name, among: connectors) {
        case .one(let name, _): #expect(name == found)
        case .none(let reason): #expect(reason == found)
        }
    }

    @Test func `the worker's properties complete the connector's, by Connect's own rules`() {
        let worker = WorkerFile([
            "bootstrap.servers": "k:9092", "group.id": "workers", "key.converter": "K",
            "key.converter.a": "1",
            "value.converter": "V", "value.converter.b": "2", "consumer.isolation.level": "read_committed",
            "consumer.max.poll.records": "9", "consumer.group.id": "x",
            "consumer.bootstrap.servers": "other:1",
            "consumer.auto.offset.reset": "latest", "producer.acks": "all", "admin.retries": "3",
            "config.providers": "file, vault,mounted", "config.providers.vault.class": "com.example.Vault",
            "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
            "config.providers.mounted.class": "org.apache.kafka.common.config.provider.FileConfigProvider",
        ])
        let completed = worker.complete([
            "value.converter": "own", "consumer.override.max.poll.records": "500", "a": "${mounted:/run/s:p}",
            "b": "${vault:p:k}", "c": "${file:/f:k}",
        ])
        #expect(
            completed == [
                "bootstrap.servers": "k:9092", "key.converter": "K", "key.converter.a": "1",
                "value.converter": "own", "consumer.override.max.poll.records": "500",
                "consumer.override.isolation.level": "read_committed",
                "consumer.override.auto.offset.reset": "latest", "producer.override.acks": "all",
                "a": "${file:/run/s:p}", "b": "${vault:p:k}", "c": "${file:/f:k}",
            ]
        )
    }

    @Test func `the file holds what Connect has, and reads as a configuration`() throws {
        var config = ConfigurationFixture.good.mapValues(Optional.some)
        config["bootstrap.servers"] = nil
        config["name"] = "orders/ä \"1\""
        config["delete.enabled"] = .some(nil)
        let stored = try offsets(
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":1},"offset":{"kafka_offset":7}},"#
                + #"{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":9000000000}}]}"#
        )
        let connector = ImportedConnector(
            "orders/ä \"1\"",
            try listed(config),
            stored,
            worker: nil,
            bootstrap: "b:9092"
        )
        let configuration = try ConfigurationFixture.read(try connector.document())
        #expect(configuration.name == "orders/ä \"1\"")
        #expect(configuration.bootstrapServers == "b:9092")
        let lines = connector.report(from: "http://u:s3cret@c:8083").lines
        #expect(
            lines.filter { $0.verdict == .ok }.map(\.text).dropFirst() == [
                "goes on at offset 9000000000", "goes on at offset 7",
            ]
        )
        #expect(lines.map(\.subject) == ["connector", "key.converter", "value.converter", "t[0]", "t[1]"])
        #expect(!lines.contains { $0.text.utf8.contains("s3cret".utf8) })
    }

    @Test(
        arguments: [("RUNNING", true), ("PAUSED", true), ("STOPPED", false), (nil, false)]
            as [(String?, Bool)]
    )
    func `a connector that is still a member of the group is to be stopped first`(
        state: String?,
        isTold: Bool
    ) throws {
        let connector = ImportedConnector(
            "a",
            try listed(["connector.class": "c", "key.converter": "k", "value.converter": "v"], state: state),
            try offsets(#"{"offsets":[]}"#),
            worker: nil,
            bootstrap: nil
        )
        let lines = connector.report(from: "http://c:8083").lines
        #expect(lines.contains { $0.text.utf8.contains("stop it before".utf8) } == isTold)
        #expect(lines.last?.text == "it has stored none: each partition begins at its first record")
    }

    @Test(
        arguments: [
            #"{"offsets":[{"partition":{"server":"s"},"offset":{"lsn":5}}]}"#,
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":null}]}"#,
            #"{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":4294967296},"offset":{"kafka_offset":1}}]}"#,
        ]
    )
    func `offsets that are none of a sink's are left out`(text: String) throws {
        #expect(try offsets(text).ofSink.isEmpty)
    }
}
