import Cluster
import Foundation
import Testing

extension PipelineTests {
    /// Two sinks of one group, each with its HTTP port, on a topic of their own.
    private struct Operated {
        let lab: Lab
        let file: String
        /// Of the first sink; the second has the next one.
        let port: Int

        func start(_ number: Int) throws -> Process {
            try lab.start("sink", "run", file, "--listen", "127.0.0.1:\(port + number)")
        }

        func verb(_ verb: String, _ number: Int, _ arguments: String...) throws -> Command {
            let url = ["--url", "http://127.0.0.1:\(port + number)"]
            return try Command.run(
                "\(lab.environment["HANDOVER_BIN"] ?? "")/sink",
                [verb] + url + arguments,
                environment: lab.environment,
                isQuiet: true
            )
        }

        /// What the status says, or `nil` while nothing answers.
        func status(_ number: Int) throws -> OperatedStatus? {
            let answer = try verb("status", number, "--format", "json")
            guard answer.code == 0 else { return nil }
            return try JSONDecoder().decode(OperatedStatus.self, from: Data(answer.output.utf8))
        }

        func metric(_ line: String, _ number: Int) async throws -> Int {
            let reply = try await send("GET", "/metrics", number)
            let found = reply.body.split(separator: "\n").first { $0.hasPrefix(line + " ") }
            return try #require(found?.split(separator: " ").last.flatMap { Int($0) }, "\(line)")
        }

        func send(_ method: String, _ path: String, _ number: Int) async throws -> (status: Int, body: String)
        {
            try await RESTClient(timeout: .seconds(10)).send(
                method,
                "http://127.0.0.1:\(port + number)\(path)"
            )
        }

        /// How far the destination says that they are.
        func progress() throws -> String {
            try lab.query(
                "destination",
                "select coalesce(sum(next_offset), 0) from handover.sink_progress where sink = 'operated-sink'"
            )
        }

        func insert(_ ids: ClosedRange<Int>) throws {
            let rows = "select i, i from generate_series(\(ids.lowerBound), \(ids.upperBound)) i"
            try lab.verb("psql", "source", "-qc", "insert into operated \(rows)")
        }

        func arrive(_ count: Int) async throws {
            try await lab.until("\(count) rows in the destination", within: .seconds(60)) {
                try lab.query("destination", "select count(*) from operated") == "\(count)"
            }
        }
    }

    private struct OperatedStatus: Decodable {
        struct Partition: Decodable {
            let state: String
            let records_behind: Int?
            let lag_seconds: Double?
        }

        struct Part: Decodable {
            let state: String
            let partitions: [Partition]?
            let destination_away_seconds: Double?
        }

        let connector: Part
        let tasks: [Part]
        let restarts: Int

        var partitions: [Partition] { tasks.flatMap { $0.partitions ?? [] } }

        var behind: Int { partitions.reduce(0) { $0 + ($1.records_behind ?? 0) } }

        var isPaused: Bool { tasks.allSatisfy { $0.state == "PAUSED" } }
    }

    @Test func `a paused sink applies nothing and keeps its place, whatever happens around it`() async throws
    {
        let sinks = try operated()
        defer { _ = try? lab.verb("delete-connector", "operated-connector") }
        let first = try sinks.start(0)
        defer { first.terminate() }
        try await sinks.arrive(200)

        #expect(try sinks.verb("pause", 0).code == 0)
        let before = try sinks.progress()
        try sinks.insert(201...500)
        // No count: the lab's broker, asked for an end, answers too little.
        try await lab.until("a paused sink shows growing lag", within: .seconds(30)) {
            try sinks.status(0).map { $0.behind > 0 && $0.partitions.allSatisfy { $0.lag_seconds ?? 0 > 0 } }
                ?? false
        }
        #expect(try sinks.status(0)?.partitions.map(\.state) == .init(repeating: "PAUSED", count: 4))

        // Ordered before it has partitions: those that it is given must be paused, too.
        let second = try sinks.start(1)
        defer { second.terminate() }
        try await lab.until("the second sink is paused", within: .seconds(30)) {
            try sinks.verb("pause", 1).code == 0
        }
        try await lab.until("the partitions are divided among paused sinks", within: .seconds(60)) {
            guard let one = try sinks.status(0), let two = try sinks.status(1) else { return false }
            return one.isPaused && two.isPaused && one.partitions.count == 2 && two.partitions.count == 2
        }
        #expect(try sinks.progress() == before)
        for number in 0...1 { #expect(try sinks.verb("resume", number).code == 0) }
        try await sinks.arrive(500)
        var applied = 0
        for number in 0...1 {
            for kind in ["read", "insert"] {
                let line = #"handover_sink_events_total{op="\#(kind)",result="applied"}"#
                applied += try await sinks.metric(line, number)
            }
        }
        #expect(applied == 500)
        second.terminate()
        second.end()
        #expect(second.terminationStatus == 0)

        try await expectPauseThroughOutage(sinks)
        try await expectRestart(sinks)
        first.terminate()
        first.end()
        #expect(first.terminationStatus == 0)
        #expect(try sinks.verb("status", 0).code == 3)
    }

    /// A pause that is ordered while the destination is away holds when it comes back.
    private func expectPauseThroughOutage(_ sinks: Operated) async throws {
        let cut = """
            select pg_terminate_backend(pid) from pg_stat_activity where usename = 'operator' \
            and application_name like 'handover-sink %'
            """
        try lab.verb("psql", "destination", "-qc", "alter role operator connection limit 0", "-c", cut)
        try sinks.insert(501...600)
        try await lab.until("the sink misses the destination", within: .seconds(60)) {
            try sinks.status(0)?.tasks.first?.destination_away_seconds != nil
        }
        #expect(try await sinks.send("PUT", "/connectors/operated-sink/pause", 0).status == 202)
        try lab.verb("psql", "destination", "-qc", "alter role operator connection limit -1")
        try await lab.until("the sink is paused after its batch", within: .seconds(60)) {
            try sinks.status(0)?.isPaused ?? false
        }
        let before = try sinks.progress()
        let behind = try #require(try sinks.status(0)).behind
        try sinks.insert(601...650)
        try await lab.until("what came in the pause waits", within: .seconds(60)) {
            try sinks.status(0)?.behind ?? 0 > behind
        }
        #expect(try sinks.progress() == before)
        #expect(try sinks.verb("resume", 0).code == 0)
        try await sinks.arrive(650)
    }

    private func expectRestart(_ sinks: Operated) async throws {
        let good = try Data(contentsOf: URL(filePath: sinks.file))
        try Data("{}".utf8).write(to: URL(filePath: sinks.file))
        #expect(try sinks.verb("restart", 0).code == 1)
        try good.write(to: URL(filePath: sinks.file))
        #expect(try sinks.status(0)?.connector.state == "RUNNING")
        #expect(try sinks.verb("restart", 0).code == 0)
        try sinks.insert(651...660)
        try await sinks.arrive(660)
        #expect(try sinks.status(0)?.restarts == 1)
        #expect(try await sinks.metric("handover_sink_ready", 0) == 1)
        // The port is taken: found out before anything is consumed.
        let third = try sinks.start(0)
        third.end()
        #expect(third.terminationStatus == 1)
    }

    /// The table on both sides, a connector, and a role that can be shut out.
    private func operated() throws -> Operated {
        let table = "create table operated (id int primary key, value int)"
        try lab.verb(
            "psql",
            "source",
            "-q",
            "-c",
            table,
            "-c",
            "create publication operated for table operated"
        )
        let role = "create role operator login password 'operator' in role handover_sink"
        try lab.verb("psql", "destination", "-q", "-c", table, "-c", role)
        let folder = try #require(lab.environment["LAB_DIR"])
        let connector = DebeziumConnector(
            name: "operated-connector",
            prefix: "operated",
            slot: "operated",
            publication: "operated",
            tables: "public.operated",
            hasSchemas: false
        )
        let path = folder + "/register-operated.json"
        try JSONSerialization.data(withJSONObject: connector.document).write(to: URL(filePath: path))
        let rows = "insert into operated select i, i from generate_series(1, 200) i"
        try lab.verb("psql", "source", "-qc", rows)
        try lab.verb("register-source", path)
        let file = try sinkFile("operated-sink") { config in
            config["topics"] = "operated.public.operated"
            config["collection.name.format"] = "operated"
            config["connection.username"] = "operator"
            config["connection.password"] = "operator"
            config["batch.size"] = "50"
        }
        return Operated(lab: lab, file: file, port: try brokerPort() + 700)
    }

    /// The lab's sink configuration, changed, under another name; returns the file's path.
    func sinkFile(_ name: String, _ change: (inout [String: Any]) -> Void) throws -> String {
        try lab.privateFile(try lab.folder + "/\(name).json", try lab.sinkDocument(name, change))
    }

    func brokerPort() throws -> Int {
        let address = try #require(lab.environment["HANDOVER_BOOTSTRAP"])
        return try #require(address.split(separator: ":").last.flatMap { Int($0) })
    }
}
