import Foundation
import Model
import Testing

/// One run of a program, with what it printed.
struct Command {
    let code: Int32
    let output: String

    /// The first line of what it printed.
    var firstLine: String { output.split(separator: "\n").first.map(String.init) ?? "" }

    /// Runs a program to its end; standard error goes where the tests' goes, unless it is to be quiet.
    ///
    /// One that does not end within five minutes is ended, with all that it has started: its code is 124 then, or 137.
    ///
    /// - Throws: when the program can't be started.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        isQuiet: Bool = false
    ) throws -> Command {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=10", "300", program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        if isQuiet { process.standardError = FileHandle.nullDevice }
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Command(code: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
    }
}

extension Process {
    /// Waits for its end; one that does not come is made, and is the test's failure: it must not be the whole run's.
    func end(within limit: Duration = .seconds(60)) {
        let deadline = Deadline.after(limit)
        while isRunning {
            if deadline.hasPassed {
                Issue.record("\(executableURL?.lastPathComponent ?? "") did not end in \(limit): \(threads)")
                kill(processIdentifier, SIGKILL)
                return waitUntilExit()
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    /// What its threads wait for, for the message.
    private var threads: String {
        let folder = "/proc/\(processIdentifier)/task"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let states = names.map { name in
            ["comm", "wchan", "syscall"].map { file in
                let text = (try? String(contentsOfFile: "\(folder)/\(name)/\(file)", encoding: .utf8)) ?? "?"
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }.joined(separator: " ")
        }
        return states.joined(separator: "; ")
    }
}
