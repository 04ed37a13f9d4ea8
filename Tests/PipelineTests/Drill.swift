import Foundation
import Testing

/// Writer, two sinks and watch beside the lab's guard, each with a port for attackers.
struct Drill {
    private let tests: PipelineTests
    private let programs: [StartedProgram]
    private let targets: [[String]]

    /// Starts the programs beside the lab's guard.
    init(_ tests: PipelineTests) throws {
        self.tests = tests
        let lab = tests.lab
        let folder = try lab.folder + "/drill"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let base = try tests.brokerPort() + 730
        let guardPort = try tests.port(of: "HANDOVER_GUARD_URL")
        let token = try lab.privateFile(folder + "/token", "a-token-of-the-attacked-sinks\n")
        // The lab's own sinks have no listener.
        _ = try? lab.verb("stop", "sink1")
        _ = try? lab.verb("stop", "sink2")
        let sink = try lab.sinkDocument("sink-connector") {
            // The lab's broker may assign no partitions any more in a group that was left.
            $0["consumer.override.group.id"] = "drill"
        }
        let file = try lab.privateFile(folder + "/sink.json", sink)
        let starts = [
            ("sink1", ["sink", "run", file, "--listen", "127.0.0.1:\(base)", "--token-file", token]),
            ("sink2", ["sink", "run", file, "--listen", "127.0.0.1:\(base + 1)", "--token-file", token]),
            ("writer", ["writer", "run", "--rate", "200", "--metrics", "127.0.0.1:\(base + 2)"]),
            ("watch", ["reader", "watch", "--listen", "127.0.0.1:\(base + 3)"]),
        ]
        let environment = lab.environment
        programs = try starts.map { name, words in
            let path = "\(environment["HANDOVER_BIN"] ?? "")/\(words[0])"
            let log = "\(folder)/\(name).log"
            return try StartedProgram(name, path, Array(words.dropFirst()), environment, log: log)
        }
        targets = [
            ["sink1", "\(base)", "/health", "PUT", "/pause"],
            ["sink2", "\(base + 1)", "/health", "PUT", "/pause"],
            ["writer", "\(base + 2)", "/metrics", "PUT", "/metrics"],
            ["watch", "\(base + 3)", "/health", "PUT", "/watch.json"],
            ["guard", "\(guardPort)", "/health", "POST", "/clear/1"],
            ["gate", "\(guardPort - 1)", "/capture/\(try lab.leader())", "PUT", "/capture/x"],
        ]
    }

    /// What `attack.py` takes.
    var ports: [String] { targets.map { $0.joined(separator: "=") } }

    /// What `witness.py` takes.
    var questions: [String] { targets.map { $0.prefix(3).joined(separator: "=") } }

    /// What each program has now.
    func attacked() throws -> [PipelineTests.Attacked] {
        try programs.map { try PipelineTests.Attacked($0.name, $0.id) }
            + [PipelineTests.Attacked("guard", try tests.guardID())]
    }

    /// Waits until both sinks have partitions and the writer's load reaches the destination.
    func isUp() async throws {
        for sink in programs.prefix(2) { try await sink.says("partitions assigned", within: .seconds(60)) }
        let sum = "select coalesce(sum(next_offset), 0) from handover.sink_progress"
        let before = try tests.lab.query("destination", sum)
        try await tests.lab.until("the load reaches the destination", within: .seconds(60)) {
            try tests.lab.query("destination", sum) != before
        }
    }

    /// Expects that each question was answered in time, those of HAProxy to the gate too.
    func expect(_ witnessed: PipelineTests.Witnessed, leaders: [String]) {
        for (name, found) in witnessed.asked.sorted(by: { $0.key < $1.key }) {
            print("asked \(name): \(found.asked) times, \(found.answers), slowest \(found.slowest) ms")
            #expect(found.failures.isEmpty, "\(name): \(found.failures)")
            // As long as HAProxy waits.
            if name == "gate" { #expect(found.slowest < 2_000) }
            // Who watches says 503 while nothing comes through, and so does the gate for who does not lead.
            #expect(Set(found.answers.keys).isSubset(of: ["200", "503"]), "\(name): \(found.answers)")
        }
        #expect(witnessed.servers.count == 3)
        for (name, server) in witnessed.servers.sorted(by: { $0.key < $1.key }) {
            print("HAProxy's checks of \(name): \(server.checks), slowest \(server.slowest) ms")
            #expect(Set(server.checks.keys).isSubset(of: ["L7OK", "L7STS"]), "\(name): \(server.checks)")
            #expect(leaders.contains(name) == (server.checks["L7OK"] != nil), "\(name): \(server.checks)")
        }
    }

    /// Ends some of the programs, and expects each to have lived until now.
    func end(_ names: [String]) async throws {
        for program in programs where names.contains(program.name) {
            let end = try await program.ends(by: SIGTERM, within: .seconds(60))
            #expect(end == .exit(0), "\(program.name): \(program.text.suffix(2_000))")
            #expect(!program.text.contains("a-token-of-the-attacked-sinks"))
        }
    }

    func discard() {
        for program in programs { program.discard() }
        _ = try? tests.lab.verb("start", "sink1")
    }
}
