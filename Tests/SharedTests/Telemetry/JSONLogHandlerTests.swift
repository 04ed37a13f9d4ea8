import Foundation
import Logging
import Testing

@testable import Shared

@Suite struct JSONLogHandlerTests {
    @Test func `a message is one line of JSON with its metadata`() throws {
        var handler = JSONLogHandler(label: "sink", level: .info)
        handler[metadataKey: "lane"] = "0"
        let event = LogEvent(
            level: .warning,
            message: "two\nlines",
            error: nil,
            metadata: ["error": "a \"quoted\" é"],
            source: "Sink",
            file: "f",
            function: "g",
            line: 1
        )
        let line = handler.line(event, at: Date(timeIntervalSince1970: 1.5))
        #expect(line.hasSuffix("\n"))
        #expect(line.dropLast().allSatisfy { !$0.isNewline })
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        )
        #expect(document["level"] as? String == "warning")
        #expect(document["logger"] as? String == "sink")
        #expect(document["message"] as? String == "two\nlines")
        #expect(document["time"] as? String == "1970-01-01T00:00:01.500Z")
        #expect(document["metadata"] as? [String: String] == ["error": "a \"quoted\" é", "lane": "0"])
    }

    @Test func `a line without metadata has none`() {
        let event = LogEvent(
            level: .info,
            message: "started",
            error: nil,
            metadata: nil,
            source: "Sink",
            file: "f",
            function: "g",
            line: 1
        )
        let line = JSONLogHandler(label: "sink", level: .info).line(event, at: Date())
        #expect(!line.contains("metadata"))
    }
}
