import Foundation

/// A file, or just a place for one, in a folder of its own that goes with it.
final class TemporaryFile: Sendable {
    let path: String
    private let folder: URL

    init(_ text: String? = nil, mode: Int = 0o600) throws {
        folder = URL(filePath: "/tmp/handover-http-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.path + "/file"
        guard let text else { return }
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
