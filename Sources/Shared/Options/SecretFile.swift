import Glibc

/// Reads a password or a token from a file: on a command line every user of the machine could read it.
enum SecretFile {
    static let limit = 4_096

    /// The file's text without the line break at its end.
    ///
    /// - Returns: the text, or what is wrong with the file.
    static func read(_ path: String) -> Result<String, Problem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(Problem(path, String(cString: strerror(errno)))) }
        defer { close(descriptor) }
        // A pipe could be read only once, and what `check` has read would be missing afterwards.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .failure(Problem(path, "not a regular file"))
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var length = 0
        while length < bytes.count {
            // SAFETY: `bytes` holds what is left of its count after `length`.
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + length }, buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Problem(path, String(cString: strerror(errno)))) }
            if count == 0 { break }
            length += count
        }
        guard length <= limit else { return .failure(Problem(path, "more than \(limit) bytes")) }
        var content = bytes[..<length]
        while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            content.removeLast()
        }
        guard let text = String(validating: content, as: UTF8.self) else {
            return .failure(Problem(path, "not UTF-8"))
        }
        // A line break within it would end a header's line and begin another.
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            return .failure(Problem(path, text.isEmpty ? "empty" : "control characters in it"))
        }
        return .success(text)
    }

    /// What is wrong with a secret's file; its content is not repeated.
    struct Problem: Error, CustomStringConvertible {
        let description: String

        init(_ path: String, _ reason: String) {
            description = "\(path): \(reason)"
        }
    }
}
