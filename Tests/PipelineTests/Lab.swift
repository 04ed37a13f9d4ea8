import Foundation
import Model
import Testing

/// The real cluster that all tests of this target share: brought up by the first, taken down at exit.
final class Lab: Sendable {
    enum Failure: Error, CustomStringConvertible {
        case verb(String, code: Int32, output: String)
        case timedOut(String)

        var description: String {
            switch self {
            case .verb(let verb, let code, let output): return "lab \(verb) ended with \(code): \(output)"
            case .timedOut(let what): return "waited in vain: \(what)"
            }
        }
    }

    /// Brought up without a source connector, so that the first test can show a snapshot.
    static let shared = Result { try Lab() }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)
    static let script = root + "lab/lab"
    /// Where this lab lives; a lab of a person's own in `.lab` is left alone.
    private static let folder: [String: String] = {
        let given = ProcessInfo.processInfo.environment
        return [
            "LAB_DIR": given["LAB_DIR"] ?? root + ".lab-test",
            "LAB_TOOLS": given["LAB_TOOLS"] ?? root + ".lab/tools",
            "LAB_PORT_OFFSET": given["LAB_PORT_OFFSET"] ?? "auto",
            "HANDOVER_BIN": given["HANDOVER_BIN"] ?? root + ".build/release",
        ]
    }()

    /// What `lab env` exports, over the tests' own environment.
    let environment: [String: String]

    private init() throws {
        atexit {
            _ = try? Command.run(Lab.script, ["down"], environment: Lab.folder)
        }
        try Self.check(
            "up",
            try Command.run(
                Self.script,
                ["up", "--no-source", "--sync"] + (Self.hasKafka ? ["--secure-kafka"] : []),
                environment: Self.folder
            )
        )
        let exports = try Command.run(Self.script, ["env"], environment: Self.folder)
        try Self.check("env", exports)
        // `env` prints shell exports; a shell is what reads them.
        let shell = "eval \"$1\"; env -0"
        let answer = try Command.run(
            "/bin/bash",
            ["-c", shell, "bash", exports.output],
            environment: Self.folder
        )
        var environment: [String: String] = [:]
        for entry in answer.output.split(separator: "\0") {
            let pair = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
        }
        self.environment = environment
    }

    /// Runs a verb of the lab.
    ///
    /// - Throws: `Failure.verb` when it does not end with 0.
    @discardableResult
    func verb(_ arguments: String...) throws -> String {
        let result = try Command.run(Self.script, arguments, environment: environment)
        try Self.check(arguments.joined(separator: " "), result)
        return result.output
    }

    /// Runs one of the three programs with the lab's environment, as its own role.
    func program(_ name: String, _ arguments: String...) throws -> Command {
        try Command.run(
            "\(environment["HANDOVER_BIN"] ?? "")/\(name)",
            arguments,
            environment: Self.environment(environment, of: arguments.first == "guard" ? "guard" : name)
        )
    }

    /// The environment of one program: each connects to the source as the role that sql/roles.sql makes for it.
    static func environment(_ shell: [String: String], of program: String) -> [String: String] {
        var environment = shell
        environment["HANDOVER_SOURCE_URL"] = shell["HANDOVER_SOURCE_URL"]?
            .replacing("handover_operator@", with: "handover_\(program)@")
        return environment
    }

    /// Where a superuser reaches a server: for what no program has the right to do.
    func adminURL(_ side: String) throws -> String {
        try #require(environment["HANDOVER_ADMIN_\(side.uppercased())_URL"])
    }

    /// Starts one of the three programs; the caller ends it.
    func start(_ name: String, _ arguments: String...) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "\(environment["HANDOVER_BIN"] ?? "")/\(name)")
        process.arguments = arguments
        process.environment = Self.environment(
            environment,
            of: arguments.first == "guard" ? "guard" : name
        )
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Starts one of the three programs with what it says in a file of its own; the caller ends it.
    func start(_ name: String, _ arguments: String..., log: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "\(environment["HANDOVER_BIN"] ?? "")/\(name)")
        process.arguments = arguments
        process.environment = Self.environment(
            environment,
            of: arguments.first == "guard" ? "guard" : name
        )
        process.standardInput = FileHandle.nullDevice
        let file = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardOutput = file
        process.standardError = file
        try process.run()
        return process
    }

    /// The answers to the queries of a file; one that fails has none.
    func query(_ server: String, file: String) throws -> String {
        try verb("psql", server, "-qAt", "-f", file)
    }

    /// The answer to a query, unaligned and without headings.
    func query(_ server: String, _ sql: String) throws -> String {
        try verb("psql", server, "-Atc", sql).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether clients reach a leader; that they do not for a while is expected, so nothing is shown.
    func hasLeader() throws -> Bool {
        let query = ["psql", "source", "-Atc", "select pg_is_in_recovery()"]
        let answer = try Command.run(Self.script, query, environment: environment, isQuiet: true)
        return answer.firstLine == "f"
    }

    /// The name of the leader's node.
    func leader() throws -> String {
        struct Member: Decodable {
            let Member: String
            let Role: String
        }
        let members = try JSONDecoder().decode(
            [Member].self,
            from: Data(try verb("patronictl", "list", "-f", "json").utf8)
        )
        return try #require(members.first { $0.Role == "Leader" }).Member
    }

    /// Puts the history aside: faults of the suites before are not those that a verdict is about.
    func beginHistory() throws {
        let history = try #require(environment["HANDOVER_HISTORY"])
        guard FileManager.default.fileExists(atPath: history) else { return }
        let aside = history + ".before"
        // A run before this one in the same folder left its own there.
        if FileManager.default.fileExists(atPath: aside) { try FileManager.default.removeItem(atPath: aside) }
        try FileManager.default.moveItem(atPath: history, toPath: aside)
    }

    /// Acknowledged writes in the history.
    func acknowledgedCount() throws -> Int { try lineCount(#""type":"ok""#) }

    /// The history's lines with this text.
    ///
    /// Counted by grep: tests are a debug build, which reads a long history too slowly to ask all the time.
    func lineCount(_ text: String) throws -> Int {
        let history = try #require(environment["HANDOVER_HISTORY"])
        guard FileManager.default.fileExists(atPath: history) else { return 0 }
        let lines = try Command.run("/usr/bin/grep", ["-cF", text, history]).output
        return Int(lines.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// Runs `body` while the writer writes at `rate`; the writer is stopped in order afterwards.
    func underLoad(rate: Int, _ body: () async throws -> Void) async throws {
        let before = try acknowledgedCount()
        try verb("start", "writer", "--", "--rate", String(rate))
        do {
            // The fault must hit a running load.
            try await until("the writer writes", within: .seconds(30)) {
                try acknowledgedCount() > before + rate
            }
            try await body()
            // And the load must go on after it.
            let after = try acknowledgedCount()
            try await until("the writer writes again", within: .seconds(60)) {
                try acknowledgedCount() > after + 2 * rate
            }
        } catch {
            _ = try? verb("stop", "writer")
            throw error
        }
        try verb("stop", "writer")
    }

    /// The reader's verdict on all that happened so far; the lab's cluster replicates synchronously, so nothing may be lost.
    func verify() throws -> Command {
        try program("reader", "verify")
    }

    /// Waits for a condition, asking four times a second.
    ///
    /// - Throws: `Failure.timedOut` that says what did not come about.
    func until(_ what: String, within limit: Duration, _ condition: () async throws -> Bool) async throws {
        let deadline = Deadline.after(limit)
        while try await !condition() {
            guard !deadline.hasPassed else { throw Failure.timedOut(what) }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private static func check(_ verb: String, _ result: Command) throws {
        guard result.code == 0 else { throw Failure.verb(verb, code: result.code, output: result.output) }
    }
}
