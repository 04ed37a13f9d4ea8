import Foundation
import Testing

@testable import Logs

struct JSONLineTests {
    private struct Line: Decodable, Equatable {
        let time: String
        let level: String
        let logger: String
        let message: String
        let metadata: [String: String]?
    }

    private func decode(_ bytes: [UInt8]) throws -> Line {
        #expect(bytes.last == 0x0A)
        #expect(bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        return try JSONDecoder().decode(Line.self, from: Data(bytes))
    }

    @Test func `a message is one line of JSON with its metadata`() {
        let entry = LogEntry(
            milliseconds: 1_500,
            level: .warning,
            label: "sink",
            message: "two\nlines",
            metadata: ["error": "a \"quoted\" é/x", "lane": "0"]
        )
        #expect(
            String(decoding: entry.line(.json), as: UTF8.self) == #"""
                {"level":"warning","logger":"sink","message":"two\nlines",\#
                "metadata":{"error":"a \"quoted\" é/x","lane":"0"},"time":"1970-01-01T00:00:01.500Z"}

                """#
        )
    }

    @Test func `a line without metadata has none`() {
        let line = String(decoding: LogEntry.sample("started").line(.json), as: UTF8.self)
        #expect(
            line == #"""
                {"level":"info","logger":"sink","message":"started","time":"1970-01-01T00:00:00.000Z"}

                """#
        )
    }

    @Test(arguments: Hostile.texts)
    func `hostile text comes back from the JSON as it was`(text: String) throws {
        let line = try decode(
            LogEntry.sample(text, ["key": .init(stringLiteral: text), text: "value"]).line(.json)
        )
        #expect(Array(line.message.unicodeScalars) == Array(text.unicodeScalars))
        #expect(line.metadata?["key"].map { Array($0.utf8) } == Array(text.utf8))
        #expect(line.metadata?.count == 2)
    }

    @Test(arguments: Hostile.texts)
    func `what was cut is JSON all the same`(text: String) throws {
        let long = String(repeating: text + "x", count: 100_000 / (text.utf8.count + 1))
        for entry in [
            LogEntry.sample(long),
            .sample("m", ["a": .init(stringLiteral: long), "b": "lost"]),
            .sample("m", [long: "lost"]),
        ] {
            let bytes = entry.line(.json)
            #expect(bytes.count > 48_000 && bytes.count <= LogLine.limit)
            let line = try decode(bytes)
            #expect(line.level == "info")
            #expect(line.metadata?["b"] == nil)
        }
    }
}
