import JSONText
import Testing

@Suite struct JSONTextTests {
    private struct Document: Encodable {
        var wantedRate = 5
        var path = "/a/b"
        var inner = ["z": 1, "a": 2]
    }

    @Test func `members stand in alphabetical order, in one line, and slashes as they are`() throws {
        #expect(try jsonText(Document()) == #"{"inner":{"a":2,"z":1},"path":"/a/b","wantedRate":5}"#)
    }

    @Test func `names of members may be in snake case`() throws {
        #expect(
            try jsonText(Document(), names: .snakeCase)
                == #"{"inner":{"a":2,"z":1},"path":"/a/b","wanted_rate":5}"#
        )
    }

    @Test func `for people it is indented`() throws {
        #expect(try jsonText(["a": 1], .indented) == "{\n  \"a\" : 1\n}")
    }

    @Test func `what is no number in JSON is refused`() {
        #expect(throws: (any Error).self) { try jsonText([Double.infinity]) }
    }
}
