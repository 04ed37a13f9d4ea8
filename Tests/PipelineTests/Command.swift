import Foundation

/// One run of a program, with what it printed.
struct Command {
    let code: Int32
    let output: String

    /// The first line of what it printed.
    var firstLine: String { output.split(separator: "\n").first.map(String.init) ?? "" }

    /// Runs a program to its end; standard error goes where the tests' goes, unless it is to be quiet.
    ///
    /// - Throws: when the program can't be started.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        isQuiet: Bool = false
    ) throws -> Command {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
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
