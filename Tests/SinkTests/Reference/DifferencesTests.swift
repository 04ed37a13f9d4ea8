import Foundation
import Testing

/// docs/differences.md against the tests that it names.
struct DifferencesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    /// The rows of the cases: the first cell has their numbers.
    private static func rows() throws -> [(ids: [String], text: String)] {
        try String(contentsOf: root.appending(path: "docs/differences.md"), encoding: .utf8)
            .split(separator: "\n").compactMap { line in
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                guard line.hasPrefix("| "), let first = cells.first, cells.count == 3 else { return nil }
                let ids = first.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                guard ids.allSatisfy({ $0.first?.isUppercase == true && Int($0.dropFirst()) != nil })
                else { return nil }
                return (ids, String(line))
            }
    }

    @Test(
        arguments: [("I", 12), ("D", 19), ("K", 13), ("E", 18), ("B", 18), ("P", 22), ("X", 27), ("Q", 8)]
    )
    func `every case has one row`(letter: String, count: Int) throws {
        let ids = try Self.rows().flatMap(\.ids).filter { $0.hasPrefix(letter) }
        #expect(ids.sorted() == (1...count).map { "\(letter)\($0)" }.sorted())
    }

    @Test func `every test that is named exists`() throws {
        var sources = ""
        let files = FileManager.default.enumerator(
            at: Self.root.appending(path: "Tests"),
            includingPropertiesForKeys: nil
        )
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            sources += try String(contentsOf: file, encoding: .utf8)
        }
        let text = try String(contentsOf: Self.root.appending(path: "docs/differences.md"), encoding: .utf8)
        let names = text.matches(of: /(?:^|[ (])\*([^*\n]+)\*/).map { String($0.1) }.filter {
            $0 != "italics"
        }
        #expect(names.count > 130)
        for name in Set(names) {
            #expect(
                sources.contains("`\(name)`") || sources.contains("\"\(name)\"")
                    || sources.contains("\"\(name), "),
                "docs/differences.md names a test that is not there: \(name)"
            )
        }
    }
}
