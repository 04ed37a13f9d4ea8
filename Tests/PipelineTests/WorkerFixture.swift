import Cluster
import Foundation
import Kafka
import Model
import Testing

/// Several workers of one group, with topics and tables for their connectors.
struct WorkerFixture {
    let lab: Lab
    /// Names the group, its topics, and begins the names of topics, tables and connectors.
    let name: String
    let partitionCount: Int32
    private let folder: String
    private let firstPort: Int

    /// Makes a topic and a table for each connector; without a key, so that what comes twice is there twice.
    init(_ lab: Lab, _ name: String, connectors: Int, partitionCount: Int32) throws {
        (self.lab, self.name, self.partitionCount) = (lab, name, partitionCount)
        folder = try #require(lab.environment["LAB_DIR"]) + "/\(name)"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let brokers = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        let port = brokers.split(separator: ",").first?.split(separator: ":").last.flatMap { Int($0) }
        firstPort = try #require(port) + 710
        let producer = try Producer.open(properties: ["bootstrap.servers": brokers])
        var tables = "set client_min_messages = warning;"
        for number in 0..<connectors {
            try producer.createTopic(
                topic(number),
                partitionCount: partitionCount,
                replicationFactor: 1,
                timeoutMilliseconds: 10_000
            )
            tables += " create table \(topic(number)) (id int, value int);"
            tables += " grant select, insert, update, delete on \(topic(number)) to handover_sink;"
        }
        try lab.verb("psql", "destination", "-qc", tables)
    }

    func topic(_ number: Int) -> String { "\(name)_\(number)" }

    func connector(_ number: Int) -> String { "\(name) sink/\(number)" }

    /// Starts a worker; the caller ends it.
    func start(_ worker: Int) throws -> StartedProgram {
        let file = try lab.privateFile(
            "\(folder)/worker.properties",
            """
            bootstrap.servers=\(try #require(lab.environment["HANDOVER_BOOTSTRAP"]))
            group.id=\(name)
            config.storage.topic=\(name)-configs
            config.storage.replication.factor=1
            status.storage.topic=\(name)-status
            status.storage.replication.factor=1
            offset.storage.topic=\(name)-offsets
            plugin.path=/opt/connectors
            heartbeat.interval.ms=500
            session.timeout.ms=6000
            key.converter=org.apache.kafka.connect.json.JsonConverter
            value.converter=org.apache.kafka.connect.json.JsonConverter

            """
        )
        return try StartedProgram(
            "worker \(worker)",
            "\(lab.environment["HANDOVER_BIN"] ?? "")/sink",
            ["worker", file, "--listen", "127.0.0.1:\(firstPort + worker)"],
            lab.environment,
            log: "\(folder)/worker-\(worker)-\(UUID().uuidString.prefix(4)).log"
        )
    }

    /// Asks a worker.
    func ask(_ worker: Int, _ method: String, _ path: String, _ body: Any? = nil) async throws -> (
        status: Int, body: String
    ) {
        let json = try body.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        return try await RESTClient(timeout: .seconds(25)).send(
            method,
            "http://127.0.0.1:\(firstPort + worker)\(path)",
            json: json
        )
    }

    /// The path of a connector.
    func path(_ number: Int, _ resource: String = "") throws -> String {
        let name = connector(number).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
        return "/connectors/\(try #require(name))\(resource)"
    }

    /// What is posted for a connector: rows are inserted, whatever is there.
    func document(_ number: Int, tasks: Int, _ changes: [String: String?] = [:]) throws -> [String: Any] {
        try lab.sinkDocument(connector(number)) { config in
            config["bootstrap.servers"] = nil
            config["topics"] = topic(number)
            config["collection.name.format"] = topic(number)
            config["tasks.max"] = "\(tasks)"
            config["insert.mode"] = "insert"
            config["primary.key.mode"] = "none"
            config["primary.key.fields"] = nil
            config["delete.enabled"] = "false"
            for (property, value) in changes { config[property] = value }
        }
    }

    /// Writes records with these ids to all partitions of a topic.
    func produce(_ number: Int, _ ids: Range<Int>) throws {
        var producer = try Producer.open(
            properties: ["bootstrap.servers": try #require(lab.environment["HANDOVER_BOOTSTRAP"])]
        )
        _ = try producer.send(
            ids.map { id in
                ProducerRecord(
                    place: TopicPartition(topic: topic(number), partition: Int32(id) % partitionCount),
                    key: nil,
                    value: Array(#"{"id":\#(id),"value":1}"#.utf8)
                )
            }
        )
    }

    /// How many rows a table has, and how many different ones.
    func rows(_ number: Int) throws -> (all: Int, different: Int) {
        let answer = try lab.query("destination", "select count(*), count(distinct id) from \(topic(number))")
        let counts = answer.split(separator: "|").compactMap { Int($0) }
        return (try #require(counts.first), try #require(counts.last))
    }

    struct Status: Decodable {
        struct Part: Decodable {
            let state: String
            let worker_id: String
            let trace: String?
        }

        let connector: Part
        let tasks: [Part]
    }

    func status(_ worker: Int, _ number: Int) async throws -> Status? {
        let answer = try await ask(worker, "GET", try path(number, "/status"))
        guard answer.status == 200 else { return nil }
        return try JSONDecoder().decode(Status.self, from: Data(answer.body.utf8))
    }

    /// Waits until all tasks of a connector are in a state, as a worker tells.
    func wait(
        _ worker: Int,
        _ number: Int,
        _ state: String,
        tasks: Int,
        within limit: Duration = .seconds(60)
    ) async throws {
        try await lab.until("\(connector(number)) has \(tasks) tasks \(state)", within: limit) {
            guard let status = try? await self.status(worker, number) else { return false }
            return status.tasks.count == tasks && status.tasks.allSatisfy { $0.state == state }
        }
    }

    func workerID(_ worker: Int) -> String { "127.0.0.1:\(firstPort + worker)" }
}
