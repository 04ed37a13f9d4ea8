import Foundation
import Testing

/// A pipeline of one test's own beside the others: a database on each side, a connector between them, and a
/// history.
///
/// All that the programs read from the environment points at it.
struct SidePipeline {
    let lab: Lab
    /// The name of the databases, the slot and the topics' prefix; sink and connector have it in theirs.
    let name: String
    /// Holds the programs' logs and the files that they read.
    let folder: String
    /// What `sink run` reads.
    let sinkFile: String
    let environment: [String: String]

    var sink: String { "\(name)-sink" }
    var topic: String { "\(name).public.debezium_table" }

    /// Makes both databases with 1,000 rows in the source's, and the sink's file; no connector.
    init(_ lab: Lab, _ name: String) throws {
        (self.lab, self.name) = (lab, name)
        folder = try #require(lab.environment["LAB_DIR"]) + "/\(name)"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sinkFile = "\(folder)/sink.json"
        var environment = lab.environment
        for (variable, database) in [
            ("HANDOVER_SOURCE_URL", "/source_db"), ("HANDOVER_DESTINATION_URL", "/destination_db"),
            ("HANDOVER_ADMIN_SOURCE_URL", "/source_db"),
            ("HANDOVER_ADMIN_DESTINATION_URL", "/destination_db"),
        ] {
            let url = try #require(lab.environment[variable])
            environment[variable] = url.replacing(database, with: "/\(name)")
        }
        environment["HANDOVER_CONNECTOR"] = "\(name)-connector"
        environment["HANDOVER_SLOT"] = name
        environment["HANDOVER_TOPIC"] = "\(name).public.debezium_table"
        environment["HANDOVER_HISTORY"] = "\(folder)/history.ndjson"
        environment["HANDOVER_SINK_CONFIG"] = sinkFile
        self.environment = environment
        for side in ["source", "destination"] {
            try lab.verb("psql", side, "-qc", "create database \(name)")
            let tables = Self.root + "sql/\(side).sql"
            let quietly = "set client_min_messages = warning"
            try lab.verb("psql", side, "-q", "-c", "\\c \(name)", "-c", quietly, "-f", tables)
            try lab.verb("roles", side, name)
        }
        _ = try sinkFile(group: nil)
        #expect(try run("writer", "init", "--rows", "1000").code == 0)
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    /// Registers a connector that the guard's gate lets through, and waits until it streams.
    ///
    /// - Parameter more: properties besides.
    func register(_ more: [String: String] = [:]) async throws {
        let own = [
            "database.port": "${HAPROXY_CAPTURE}", "database.dbname": name, "slot.drop.on.stop": "false",
            "poll.interval.ms": "100", "heartbeat.interval.ms": "2000",
            "heartbeat.action.query": "update debezium_heartbeat set touched_at = now() where id = 1",
        ]
        let connector = DebeziumConnector(
            name: "\(name)-connector",
            prefix: name,
            slot: name,
            publication: "dbz_publication",
            tables: "public.debezium_table,public.debezium_heartbeat",
            hasSchemas: false,
            more: own.merging(more) { $1 }
        )
        let path = "\(folder)/connector.json"
        try JSONSerialization.data(withJSONObject: connector.document).write(to: URL(filePath: path))
        try lab.verb("register-source", path)
        let streams = "select count(*) from pg_replication_slots where slot_name = '\(name)' and active"
        for attempt in 1...3 {
            do {
                try await lab.until("\(name)-connector streams", within: .seconds(15)) {
                    try lab.query("source", streams) == "1"
                }
                return
            } catch  where attempt < 3 {
                // The guard restarts tasks of its own connector only, and workers that have just come up are slow.
                try lab.verb("restart-connectors", "\(name)-connector")
            }
        }
    }

    /// Produces records, each with topic, key and value.
    func produce(_ records: [[String: String]]) throws {
        let lines = try records.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        let path = "\(folder)/produced.ndjson"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        try lab.verb("produce", path)
    }

    /// Produces an insert for each of these keys.
    func produce(numbers: ClosedRange<Int>) throws {
        try produce(
            numbers.map { number in
                [
                    "topic": topic, "key": #"{"id": \#(number)}"#,
                    "value": """
                    {"op": "c", "before": null, "after": {"id": \(number), "current_value": 1}, "source": {}}
                    """,
                ]
            }
        )
    }

    /// Makes the topic without a connector, with the event of one row in it.
    ///
    /// A sink waits half a minute for a topic, and until then takes note of no order to pause.
    func makeTopic() throws {
        let event = #"{"op": "c", "before": null, "after": {"id": 1, "current_value": 7}, "source": {}}"#
        let record = ["topic": "\(name).public.debezium_table", "key": #"{"id": 1}"#, "value": event]
        let path = "\(folder)/records.ndjson"
        let line = try JSONSerialization.data(withJSONObject: record)
        try (line + Data("\n".utf8)).write(to: URL(filePath: path))
        try lab.verb("produce", path)
    }

    /// Takes all of it away again, as far as it is there.
    func remove() {
        if FileManager.default.fileExists(atPath: "\(folder)/connector.json") {
            _ = try? lab.verb("delete-connector", "\(name)-connector")
        }
        let slot = "from pg_replication_slots where slot_name = '\(name)'"
        // A task that ends may still hold the slot.
        let end = "select pg_terminate_backend(active_pid, 5000) \(slot) and active"
        _ = try? lab.verb(
            "psql",
            "source",
            "-qAt",
            "-c",
            end,
            "-c",
            "select pg_drop_replication_slot(slot_name) \(slot)"
        )
        for side in ["source", "destination"] {
            _ = try? lab.verb("psql", side, "-qc", "drop database if exists \(name) with (force)")
        }
    }

    /// Runs one of the three programs to its end.
    func run(_ program: String, _ arguments: String...) throws -> Command {
        try Command.run(
            path(program),
            arguments,
            environment: Lab.environment(environment, of: arguments.first == "guard" ? "guard" : program)
        )
    }

    /// Starts one of the three programs; what it says is in a log of that name.
    func start(_ program: String, _ arguments: String..., log: String? = nil) throws -> StartedProgram {
        try start(program, arguments, environment, log: log)
    }

    func start(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String],
        log: String? = nil
    ) throws -> StartedProgram {
        try StartedProgram(
            program,
            path(program),
            arguments,
            Lab.environment(environment, of: arguments.first == "guard" ? "guard" : program),
            log: "\(folder)/\(log ?? program).log"
        )
    }

    func path(_ program: String) -> String { "\(environment["HANDOVER_BIN"] ?? "")/\(program)" }

    /// The answer to a query in this pipeline's database of one side.
    func query(_ side: String, _ sql: String) throws -> String {
        try lab.verb("psql", side, "-qAt", "-c", "\\c \(name)", "-c", sql)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// How many records the destination has applied.
    func progress() throws -> Int {
        let sum = "select coalesce(sum(next_offset), 0) from handover.sink_progress where sink = '\(sink)'"
        return try #require(Int(try query("destination", sum)))
    }

    /// A file with a secret that only its owner can read.
    func secret(_ name: String, _ text: String) throws -> String {
        try lab.privateFile("\(folder)/\(name)", text)
    }

    /// Writes the lab's sink configuration, changed to this pipeline; returns the file's path.
    ///
    /// - Parameter group: a consumer group of its own. The lab's broker may assign no partitions any more in
    ///   a group that was left; the progress does not depend on it.
    func sinkFile(
        group: String? = nil,
        as user: String? = nil,
        changing changes: [String: String?] = [:],
        name other: String? = nil
    ) throws -> String {
        let document = try lab.sinkDocument(other ?? sink) { config in
            let url = try #require(config["connection.url"] as? String)
            config["connection.url"] = url.replacing("/destination_db", with: "/\(name)")
            config["topics"] = "\(name).public.debezium_table"
            config["batch.size"] = "500"
            config["consumer.override.group.id"] = group.map { "\(name)-\($0)" }
            if let user {
                (config["connection.username"], config["connection.password"]) = (user, nil)
            }
            for (property, value) in changes { config[property] = value }
        }
        let file = "sink\([group, user, other].compactMap { $0 }.map { "-\($0)" }.joined()).json"
        return try lab.privateFile("\(folder)/\(file)", document)
    }
}
