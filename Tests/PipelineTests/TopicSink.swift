import Foundation
import Kafka
import Model
import Testing

/// A sink of one test's own: a topic that the test writes, and a table in the destination's database or in one of its own.
struct TopicSink {
    let lab: Lab
    /// Names the topic, the file and, as far as nothing else is said, the sink.
    let name: String
    let sink: String
    let database: String
    let partitionCount: Int32
    private let folder: String
    private let properties: [String: String?]

    /// Makes the database, if it is not the destination's own, the tables and the topic.
    ///
    /// - Parameter encoding: what the database of its own has; `nil` for the destination's database.
    init(
        _ lab: Lab,
        _ name: String,
        sink: String? = nil,
        encoding: String? = nil,
        partitionCount: Int32 = 1,
        tables: String,
        properties: [String: String?] = [:]
    ) throws {
        (self.lab, self.name, self.partitionCount) = (lab, name, partitionCount)
        (self.sink, self.properties) = (sink ?? name, properties)
        database = encoding == nil ? "destination_db" : name
        folder = try #require(lab.environment["LAB_DIR"]) + "/\(name)"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let encoding {
            let make = "create database \(name) template template0 encoding '\(encoding)' locale 'C'"
            try lab.verb("psql", "destination", "-qc", make)
            try lab.verb("roles", "destination", name)
        }
        let path = "\(folder)/tables.sql"
        try tables.write(toFile: path, atomically: true, encoding: .utf8)
        try lab.verb(
            "psql",
            "destination",
            "-qv",
            "ON_ERROR_STOP=1",
            "-c",
            "\\c \(database)",
            "-c",
            "set client_min_messages = warning",
            "-f",
            path,
            "-c",
            "grant select, insert, update, delete on all tables in schema public to handover_sink"
        )
        let producer = try Producer.open(properties: ["bootstrap.servers": try brokers()])
        try producer.createTopic(
            name,
            partitionCount: partitionCount,
            replicationFactor: 1,
            timeoutMilliseconds: 10_000
        )
    }

    private func brokers() throws -> String {
        try #require(lab.environment["HANDOVER_BOOTSTRAP"])
    }

    /// Writes records; a value that is `nil` is a tombstone.
    func produce(_ records: [(key: String, value: String?)], partition: Int32 = 0) throws {
        try produce(bytes: records.map { (Array($0.key.utf8), $0.value) }, partition: partition)
    }

    /// Writes records whose keys may be anything.
    func produce(bytes records: [(key: [UInt8], value: String?)], partition: Int32 = 0) throws {
        var producer = try Producer.open(properties: ["bootstrap.servers": try brokers()])
        let place = TopicPartition(topic: name, partition: partition)
        _ = try producer.send(
            records.map { key, value in
                ProducerRecord(
                    place: place,
                    key: key,
                    value: value.map { Array($0.utf8) },
                    headers: []
                )
            }
        )
    }

    /// Writes records without keys whose values may be anything.
    func produce(values: [[UInt8]]) throws {
        var producer = try Producer.open(properties: ["bootstrap.servers": try brokers()])
        let place = TopicPartition(topic: name, partition: 0)
        _ = try producer.send(values.map { ProducerRecord(place: place, key: nil, value: $0, headers: []) })
    }

    /// Writes what `sink run` reads: the lab's configuration, changed; `nil` takes a property out.
    func file(_ changes: [String: String?] = [:], as fileName: String = "sink") throws -> String {
        let document = try lab.sinkDocument(sink) { config in
            let url = try #require(config["connection.url"] as? String)
            config["connection.url"] = url.replacing("/destination_db", with: "/\(database)")
            config["topics"] = name
            config["collection.name.format"] = name
            config["primary.key.fields"] = nil
            config["consumer.override.group.id"] = "\(name)-\(UUID().uuidString)"
            for (property, value) in properties.merging(changes, uniquingKeysWith: { $1 }) {
                config[property] = value
            }
        }
        return try lab.privateFile("\(folder)/\(fileName).json", document)
    }

    /// Starts the sink; the caller ends it.
    func start(
        _ changes: [String: String?] = [:],
        arguments: [String] = [],
        environment: [String: String] = [:],
        log: String = "sink"
    ) throws -> StartedProgram {
        try StartedProgram(
            "sink",
            program,
            ["run", try file(changes)] + arguments,
            lab.environment.merging(environment) { $1 },
            log: "\(folder)/\(log).log"
        )
    }

    /// Starts a verb of the sink beside others; the caller ends it.
    func start(_ verb: String, file: String, log: String) throws -> StartedProgram {
        let path = "\(folder)/\(log).log"
        return try StartedProgram("sink \(verb)", program, [verb, file], lab.environment, log: path)
    }

    /// Runs a verb of the sink to its end.
    func run(_ arguments: String...) throws -> Command {
        try Command.run(program, arguments, environment: lab.environment)
    }

    private var program: String { "\(lab.environment["HANDOVER_BIN"] ?? "")/sink" }

    /// The answer to a query in the sink's database, unaligned and without headings.
    @discardableResult
    func query(_ sql: String) throws -> String {
        let answer = try lab.verb(
            "psql",
            "destination",
            "-qAt",
            "-c",
            "\\c \(database)",
            "-c",
            "set client_encoding = 'UTF8'",
            "-c",
            sql
        )
        return answer.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How many records are applied.
    func applied() throws -> Int {
        guard try query("select to_regclass('handover.sink_progress') is not null") == "t" else { return 0 }
        let name = sink.replacing("'", with: "''")
        let sum = "select coalesce(sum(next_offset), 0) from handover.sink_progress where sink = '\(name)'"
        return Int(try query(sum)) ?? 0
    }

    /// Runs the sink until so many records are applied, and ends it.
    func apply(
        _ count: Int,
        _ changes: [String: String?] = [:],
        environment: [String: String] = [:],
        within limit: Duration = .seconds(60)
    ) async throws {
        let program = try start(changes, environment: environment)
        defer { program.discard() }
        try await program.until("\(name): \(count) records are applied", within: limit) {
            try #require(program.end == nil, "\(program.text.suffix(2_000))")
            return try applied() >= count
        }
        #expect(try await program.ends(by: SIGTERM, within: .seconds(30)) == .exit(0))
    }

    /// Runs the sink, which must stop by itself, and say why.
    func stops(_ changes: [String: String?] = [:], saying words: String...) async throws {
        let program = try start(changes)
        defer { program.discard() }
        #expect(try await program.ends(within: .seconds(60)) == .exit(1))
        for word in words { #expect(program.text.contains(word), "\(word): \(program.text.suffix(2_000))") }
    }

    /// Takes the database away, if it is its own.
    func remove() {
        guard database == name else { return }
        _ = try? lab.verb("psql", "destination", "-qc", "drop database if exists \(name) with (force)")
    }
}
