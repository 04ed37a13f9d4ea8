import Foundation
import Testing

@testable import Sink

/// A recording of a table with an integer key and a text.
private func recording(_ lines: String...) throws -> Recording {
    let columns = ["column\tid\tint8\t-1\tbigint\tkey", "column\tnote\ttext\t-1\ttext\t-"]
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data((columns + lines).joined(separator: "\n").utf8).write(to: file)
    return try Recording(path: file.path)
}

private func event(_ id: Int, _ note: String) -> String {
    "{\"id\":\(id)}\t{\"before\":null,\"after\":{\"id\":\(id),\"note\":\"\(note)\"},\"source\":{},\"op\":\"c\"}"
}

struct MeasuredPathTests {
    @Test func `every batch becomes its statements`() throws {
        let recording = try recording(event(1, "a"), event(2, "b"), event(3, "c"), "{\"id\":3}\t")
        var path = MeasuredPath(recording.schema, batchSize: 2)
        try path.round(recording)
        // Begin, settings, progress, rows and commit; then, as the tombstone took the row away, a delete instead of rows.
        #expect(path.statementCount == 10)
    }

    @Test func `longer values make more bytes`() throws {
        let (short, long) = (try recording(event(1, "a")), try recording(event(1, "abcdefgh")))
        var paths = (MeasuredPath(short.schema, batchSize: 9), MeasuredPath(long.schema, batchSize: 9))
        try paths.0.round(short)
        try paths.1.round(long)
        #expect(paths.1.byteCount == paths.0.byteCount + 7)
    }

    @Test func `a line without a tab is named`() {
        #expect(throws: Recording.Failure.self) { try recording("{\"id\":1}") }
        do {
            _ = try recording("{\"id\":1}")
        } catch {
            #expect("\(error)".hasSuffix("line 3: no tab between key and value"))
        }
    }

    @Test func `a column that cannot be carried is named`() {
        do {
            _ = try recording("column\tarea\txid\t-1\txid\t-")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".hasSuffix("line 3: column area has type xid, which cannot be carried"))
        }
    }
}
