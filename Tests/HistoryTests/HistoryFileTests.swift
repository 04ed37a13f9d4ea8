import Foundation
import History
import Testing

/// A file of its own for each test, removed afterwards.
private func withFile<R>(_ content: String = "", _ body: (String) throws -> R) throws -> R {
    let path = NSTemporaryDirectory() + "history-\(UUID().uuidString).ndjson"
    try Data(content.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

private let run =
    #"{"type":"run","version":1,"by":"writer","run":"a","workers":1,"rows":1,"rate":1,"mono":1,"wall":1}"#
private let end = #"{"type":"end","by":"writer","run":"a","mono":2,"wall":2}"#

private func lineCount(_ path: String, from offset: Int) throws -> Int {
    var reader = try HistoryReader(path, from: Int64(offset))
    var count = 0
    try reader.readNewLines { _ in count += 1 }
    return count
}

struct HistoryFileTests {
    @Test func `lines of several writers are all there`() throws {
        try withFile { path in
            let first = try HistoryFile(appendingTo: path)
            let second = try HistoryFile(appendingTo: path)
            try first.append(HistoryLine(.end(by: "writer", run: "a")))
            try second.append(HistoryLine(.end(by: "lab", run: "b")))
            try first.sync()
            #expect(try HistoryReader.readAll(path).lines.count == 2)
        }
    }

    @Test func `a torn last line is forgiven, and a next run begins on a line of its own`() throws {
        try withFile("\(run)\n{\"type\":\"inv") { path in
            #expect(try HistoryReader.readAll(path).tornLineCount == 1)
            let file = try HistoryFile(appendingTo: path)
            try file.append(HistoryLine(.run(.init(by: "writer", run: "b", workers: 1, rows: 1, rate: 1))))
            let (lines, torn) = try HistoryReader.readAll(path)
            #expect(lines.count == 2)
            #expect(torn == 1)
        }
    }

    @Test func `a broken line in the middle of a run is refused with its number`() throws {
        try withFile("\(run)\nrubbish\n\(end)\n") { path in
            let error = #expect(throws: HistoryError.self) { try HistoryReader.readAll(path) }
            #expect(error?.reason.contains("line 2") == true)
        }
    }

    @Test func `what is appended later is read later`() throws {
        try withFile("\(run)\n") { path in
            var reader = try HistoryReader(path)
            var count = 0
            try reader.readNewLines { _ in count += 1 }
            #expect(count == 1)
            try HistoryFile(appendingTo: path).append(HistoryLine(.end(by: "writer", run: "a")))
            try reader.readNewLines { _ in count += 1 }
            #expect(count == 2)
        }
    }

    @Test func `a file that can't be opened or filled is an error that names it`() {
        let missing = #expect(throws: HistoryError.self) {
            try HistoryFile(appendingTo: "/no/such/folder/history")
        }
        #expect(missing?.description.contains("/no/such/folder/history") == true)
        #expect(throws: HistoryError.self) {
            try HistoryFile(appendingTo: "/dev/full").append(HistoryLine(.end(by: "writer", run: "a")))
        }
    }

    @Test func `a reader that begins in the middle passes over the line that it falls into`() throws {
        try withFile("\(run)\n\(end)\n\(end)\n") { path in
            let length = run.utf8.count
            let counts = try [-5, 0, 1, length, length + 1, length + 2].map {
                try lineCount(path, from: $0)
            }
            #expect(counts == [3, 3, 2, 2, 2, 1])
        }
    }
}
