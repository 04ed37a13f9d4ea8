import Foundation
import Testing

/// The answers that SinkTests compares this program's transforms with are still what Connect's classes give.
struct RealTransformsTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(
        .enabled(
            if: environment["KAFKA_HOME"] != nil && environment["DEBEZIUM_HOME"] != nil,
            "set KAFKA_HOME and DEBEZIUM_HOME to run Connect's own transforms"
        ),
        .timeLimit(.minutes(3))
    )
    func `the recorded results of transforms are those of the real classes`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("TransformCases")
        let process = Process()
        process.executableURL = folder.appendingPathComponent("make")
        process.arguments = ["--check"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
    }
}
