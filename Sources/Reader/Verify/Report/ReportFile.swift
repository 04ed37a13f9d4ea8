import Files
import FoundationEssentials
import Glibc

/// Where the page is written to.
struct ReportFile: Sendable {
    var path: String

    private var folder: String {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        return folder.isEmpty ? "." : folder
    }

    /// Why nothing can be written there, known before a verdict is made; `nil` where it can.
    var problem: String? {
        guard !path.isEmpty else { return "give the name of a file" }
        var isFolder = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder {
            return "\(path) is a folder; give the name of a file"
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            return "can't write into \(folder): \(String(cString: strerror(errno)))"
        }
        return nil
    }

    /// Writes the whole file, or leaves the former one; a new one is for its owner only.
    ///
    /// - Returns: why it could not be written, `nil` where it was.
    func write(_ text: String) -> String? {
        do throws(PrivateFile.Problem) {
            try PrivateFile.write(Array(text.utf8), to: path)
            return nil
        } catch {
            return "\(path): \(error)"
        }
    }
}
