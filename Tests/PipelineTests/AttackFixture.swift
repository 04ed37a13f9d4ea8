import Foundation
import Testing

extension PipelineTests {
    /// One kind of attack, and what it may come to.
    struct AttackKind {
        let name: String
        let seconds: Int
        /// The answers that are allowed; `nil`: any that follows no order and is no fault of the server's.
        var answers: Set<String>?
        /// Those of the sink, where they are others: it wants a token.
        var sinkAnswers: Set<String>?
        /// Whether a connection may live as long only as a head may take.
        var endsWithHead = false
    }

    static let dead: Set = ["closed", "reset", "held"]
    static let attackKinds = [
        AttackKind(name: "half_open", seconds: 6, answers: dead, endsWithHead: true),
        AttackKind(name: "slow_head", seconds: 7, answers: dead, endsWithHead: true),
        AttackKind(name: "slow_body", seconds: 4),
        AttackKind(name: "slow_chunks", seconds: 4),
        AttackKind(name: "big_head", seconds: 3, answers: dead.union(["431", "413"])),
        AttackKind(name: "big_body", seconds: 3, answers: dead.union(["413"])),
        AttackKind(name: "big_chunks", seconds: 3),
        AttackKind(name: "pipelined", seconds: 5, answers: ["all"]),
        AttackKind(name: "unread", seconds: 3, answers: dead),
        AttackKind(name: "reset", seconds: 4, answers: dead),
        AttackKind(name: "foreign_host", seconds: 5, answers: ["421"]),
        AttackKind(name: "foreign_origin", seconds: 5, answers: ["403", "405"]),
        AttackKind(name: "wrong_token", seconds: 5, sinkAnswers: ["401"]),
        AttackKind(name: "garbage", seconds: 5),
    ]

    /// What came of one kind on one port, as `Attack/attack.py` prints it.
    struct AttackOutcome: Decodable {
        let opened: Int
        let answers: [String: Int]
        let longest: Double
    }

    /// What `Attack/witness.py` prints.
    struct Witnessed: Decodable {
        struct Asked: Decodable {
            let asked: Int
            let answers: [String: Int]
            let failures: [String]
            /// Questions that came later than a server waits, for the machine was busy.
            let late: Int
            /// Milliseconds.
            let slowest: Double
        }

        struct Server: Decodable {
            let states: [String: Int]
            let checks: [String: Int]
            /// Milliseconds.
            let slowest: Int
            let first: [Int]
            let last: [Int]
        }

        let asked: [String: Asked]
        let servers: [String: Server]
    }

    /// A program with a listener, and what it had before the attack.
    struct Attacked {
        let name: String
        let id: pid_t
        let descriptors: Int
        let kilobytes: Int

        init(_ name: String, _ id: pid_t) throws {
            (self.name, self.id) = (name, id)
            descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count
            kilobytes = try StartedProgram.residentKilobytes(of: id)
        }
    }

    /// Attacks all ports with all of the kinds at once, again and again until the time is over.
    func attack(_ kinds: [AttackKind], seconds: Int, _ ports: [String]) throws -> [String: AttackOutcome] {
        try Attackers(kinds, seconds: seconds, ports).end()
    }

    /// Attackers at work.
    struct Attackers {
        private let process = Process()
        private let output = Pipe()

        init(_ kinds: [AttackKind], seconds: Int, _ ports: [String]) throws {
            let names = kinds.map(\.name).joined(separator: ",")
            process.executableURL = URL(filePath: "/usr/bin/python3")
            process.arguments = [attackFolder + "attack.py", "20261128", "\(seconds)", names] + ports
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            try process.run()
        }

        /// Waits for the end of their time.
        func end() throws -> [String: AttackOutcome] {
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.end()
            try #require(process.terminationStatus == 0)
            return try JSONDecoder().decode([String: AttackOutcome].self, from: data)
        }

        func discard() {
            if process.isRunning { process.terminate() }
        }
    }

    func expectRecovery(_ programs: [Attacked]) async throws {
        for before in programs {
            var now = try Attacked(before.name, before.id)
            func isBack() throws -> Bool {
                now = try Attacked(before.name, before.id)
                return now.descriptors <= before.descriptors + 4
                    && now.kilobytes <= before.kilobytes + 20 * 1_024
            }
            // What is idle is closed after 30 s.
            try? await lab.until("what the attack took comes back", within: .seconds(35), isBack)
            let megabytes = [before, now].map { String($0.kilobytes / 1_024) }.joined(separator: " -> ")
            let found =
                "\(before.name): \(before.descriptors) -> \(now.descriptors) descriptors, \(megabytes) MiB"
            print(found)
            #expect(try isBack(), "\(found)")
        }
    }

    static let attackFolder =
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Attack/").path()

    func port(of variable: String) throws -> Int {
        let url = try #require(lab.environment[variable])
        return try #require(url.split(separator: ":").last.flatMap { Int($0) })
    }

    /// The process of the lab's guard.
    func guardID() throws -> pid_t {
        struct Identity: Decodable {
            let pid: pid_t
        }
        let file = try #require(lab.environment["LAB_DIR"]) + "/guard/child"
        return try JSONDecoder().decode(Identity.self, from: try Data(contentsOf: URL(filePath: file))).pid
    }

    /// The servers' users while the attack goes on.
    struct Witness {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()

        init(_ lab: Lab, _ targets: [String]) throws {
            let statistics = try #require(lab.environment["HANDOVER_HAPROXY_STATS"])
            process.executableURL = URL(filePath: "/usr/bin/python3")
            process.arguments = [PipelineTests.attackFolder + "witness.py", statistics, "capture"] + targets
            (process.standardInput, process.standardOutput) = (input, output)
            try process.run()
        }

        func end() throws -> Witnessed {
            try input.fileHandleForWriting.close()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.end()
            return try JSONDecoder().decode(Witnessed.self, from: data)
        }

        func discard() {
            if process.isRunning { process.terminate() }
        }
    }
}
