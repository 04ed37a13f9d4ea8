import Files
import Foundation
import History
import Testing

/// A folder of its own for each test, removed afterwards.
private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = NSTemporaryDirectory() + "private-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

struct PrivateFileTests {
    @Test func `a new history is for its owner only, whatever the umask allows`() throws {
        try withFolder { folder in
            _ = try HistoryFile(appendingTo: folder + "/history.ndjson")
            #expect(mode(folder + "/history.ndjson") == 0o600)
        }
    }

    @Test func `a history is not written through a link, and the link's target is left alone`() throws {
        try withFolder { folder in
            let (target, link) = (folder + "/target", folder + "/history.ndjson")
            try Data("theirs".utf8).write(to: URL(filePath: target))
            #expect(symlink(target, link) == 0)
            let error = #expect(throws: HistoryError.self) { try HistoryFile(appendingTo: link) }
            #expect(error?.description.contains("symbolic link") == true)
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "theirs")
            // Nor is the target of a link made that leads nowhere.
            #expect(symlink(folder + "/nothing", folder + "/dangling") == 0)
            #expect(throws: HistoryError.self) { try HistoryFile(appendingTo: folder + "/dangling") }
            #expect(!FileManager.default.fileExists(atPath: folder + "/nothing"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a file that somebody else has put there is not appended to`() throws {
        try withFolder { folder in
            let path = folder + "/history.ndjson"
            try Data().write(to: URL(filePath: path))
            #expect(chown(path, 65_534, 65_534) == 0)
            let error = #expect(throws: HistoryError.self) { try HistoryFile(appendingTo: path) }
            #expect(error?.description.contains("belongs to user 65534") == true)
            // The owner of the folder could replace it anyway.
            #expect(chown(folder, 65_534, 65_534) == 0)
            _ = try HistoryFile(appendingTo: path)
        }
    }

    @Test func `a history may be a device`() throws {
        _ = try HistoryFile(appendingTo: "/dev/null")
    }

    @Test func `a report is for its owner only, and keeps the mode that its owner gave it`() throws {
        try withFolder { folder in
            let path = folder + "/report.html"
            try PrivateFile.write(Array("one".utf8), to: path)
            #expect(mode(path) == 0o600)
            chmod(path, 0o644)
            try PrivateFile.write(Array("two".utf8), to: path)
            #expect(mode(path) == 0o644)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "two")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["report.html"])
        }
    }

    @Test func `a report takes a link's place and leaves its target alone`() throws {
        try withFolder { folder in
            let (target, link) = (folder + "/target", folder + "/report.html")
            try Data("theirs".utf8).write(to: URL(filePath: target))
            #expect(symlink(target, link) == 0)
            try PrivateFile.write(Array("ours".utf8), to: link)
            #expect(try String(contentsOfFile: target, encoding: .utf8) == "theirs")
            #expect(try String(contentsOfFile: link, encoding: .utf8) == "ours")
            #expect(mode(link) == 0o600)
        }
    }

    @Test func `a report that can't be written says why and leaves nothing`() throws {
        let error = #expect(throws: PrivateFile.Problem.self) {
            try PrivateFile.write([1], to: "/nowhere/report.html")
        }
        #expect(error?.description == "No such file or directory")
    }
}
