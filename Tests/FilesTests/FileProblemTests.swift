import Files
import FoundationEssentials
import Testing

struct FileProblemTests {
    private func problem(_ act: () throws -> Void) -> String? {
        do {
            try act()
            return nil
        } catch {
            return "\(FileProblem(error))"
        }
    }

    @Test func `a file that is not there is said in the system's words`() {
        let place = URL(filePath: "/nowhere/connector.json")
        #expect(problem { _ = try String(contentsOf: place, encoding: .utf8) } == "No such file or directory")
        #expect(problem { _ = try Data(contentsOf: place) } == "No such file or directory")
        #expect(problem { try Data().write(to: place, options: .atomic) } == "No such file or directory")
    }

    @Test func `a folder is no file`() {
        #expect(problem { _ = try Data(contentsOf: URL(filePath: "/")) } == "Is a directory")
    }

    @Test func `bytes that are no text are said to be so`() throws {
        let place = FileManager.default.temporaryDirectory.appending(
            path: "file-problem-\(UInt64.random(in: 0 ... .max))"
        )
        try Data([0xFF, 0xFE, 0x7B]).write(to: place)
        defer { try? FileManager.default.removeItem(at: place) }
        #expect(problem { _ = try String(contentsOf: place, encoding: .utf8) } == "it is not UTF-8")
    }

    @Test func `an error of another kind is said as it says itself`() {
        struct Odd: Error, CustomStringConvertible {
            let description = "odd"
        }
        #expect(problem { throw Odd() } == "odd")
    }
}
