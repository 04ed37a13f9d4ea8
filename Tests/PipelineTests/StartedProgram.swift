import Foundation
import Model
import Testing

/// A program that a test has started, with what it says in a file of its own.
struct StartedProgram {
    /// How a program ended.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    /// The program's name and its process, for messages.
    let name: String
    let process: Process
    private let log: String

    /// Starts a program; the caller ends it.
    ///
    /// - Parameter log: a file that is made anew for what it says on both outputs.
    init(_ name: String, _ path: String, _ arguments: [String], _ environment: [String: String], log: String)
        throws
    {
        (self.name, self.log, process) = (name, log, Process())
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        let file = try FileHandle(forWritingTo: URL(filePath: log))
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    var id: pid_t { process.processIdentifier }

    /// All that it has said.
    var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// How it ended; `nil` while it runs.
    var end: End? {
        guard !process.isRunning else { return nil }
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? .signal(status) : .exit(status)
    }

    /// Waits until it has said something.
    func says(_ words: String, within limit: Duration = .seconds(30)) async throws {
        try await until("\(name) says \"\(words)\"", within: limit) { text.contains(words) }
    }

    /// Waits until it answers HTTP on 127.0.0.1, and tells the port that it took.
    func answers() async throws -> Int {
        try await says("answers HTTP")
        let line = try #require(text.split(separator: "\n").first { $0.contains("answers HTTP") })
        return try #require(
            line.split(separator: "127.0.0.1:").last.flatMap { Int($0.prefix(while: \.isNumber)) }
        )
    }

    /// Waits for its end.
    func ends(within limit: Duration) async throws -> End {
        try await until("\(name) ends", within: limit) { end != nil }
        return try #require(end)
    }

    /// Sends a signal, and waits for the end.
    func ends(by number: Int32, within limit: Duration) async throws -> End {
        send(number)
        return try await ends(within: limit)
    }

    func send(_ number: Int32) { kill(id, number) }

    /// Ends it whatever it does; for a test's cleaning up.
    func discard() {
        guard process.isRunning else { return }
        kill(id, SIGKILL)
        process.end()
    }

    /// Waits for a condition, asking twenty times a second; a program that has ended says why.
    func until(_ what: String, within limit: Duration, _ condition: () throws -> Bool) async throws {
        let deadline = Deadline.after(limit)
        while try !condition() {
            guard !deadline.hasPassed else {
                throw Lab.Failure.timedOut("\(what); \(name) said: \(text.suffix(2_000))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension StartedProgram {
    /// Open descriptors.
    func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count
    }

    /// Memory that is resident, in KiB.
    func residentKilobytes() throws -> Int { try Self.residentKilobytes(of: id) }

    static func residentKilobytes(of id: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) })
    }
}
