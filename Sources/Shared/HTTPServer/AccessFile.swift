import Glibc

/// Reads the files that access rests on.
enum AccessFile {
    /// - Parameter isSecret: refuses a file that others may read or write, or the group may write.
    static func read(_ path: String, limit: Int, isSecret: Bool) throws(AccessFileError) -> [UInt8] {
        // Non-blocking: a named pipe in its place must not hold the program's start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw AccessFileError(path: path, reason: .system(errno)) }
        defer { close(descriptor) }
        // Asked of the open file, so that it is the one that is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw AccessFileError(path: path, reason: .system(errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw AccessFileError(path: path, reason: .notFile) }
        if isSecret, status.st_mode & 0o026 != 0 {
            throw AccessFileError(path: path, reason: .open(mode: status.st_mode & 0o777))
        }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            // SAFETY: read writes at most as many bytes as the slice has left.
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw AccessFileError(path: path, reason: .system(errno)) }
            guard got > 0 else { break }
            count += got
        }
        guard count <= limit else { throw AccessFileError(path: path, reason: .tooLarge(limit: limit)) }
        return Array(bytes.prefix(count))
    }
}

/// Why a file with a token, a key or a certificate is not used.
///
/// A secret may be readable by its group (systemd's credentials are 0400, Kubernetes' secrets are 0440 with
/// `defaultMode`), as PostgreSQL accepts it for a server's key; who is neither owner nor group may not read it,
/// and only the owner may write it.
public struct AccessFileError: Error, Equatable, Sendable, CustomStringConvertible {
    enum Reason: Sendable, Equatable {
        case system(Int32)
        case notFile
        case open(mode: UInt32)
        case tooLarge(limit: Int)
        case empty
        case notToken
        case notPEM(String)
    }

    /// The file.
    public let path: String
    let reason: Reason

    public var description: String {
        switch reason {
        case .system(let code):
            "cannot read \(path): \(errorText(code)); check the path and its permissions"
        case .notFile: "\(path) is no regular file; give the path of one"
        case .open(let mode):
            "\(path) has mode \(octal(mode)): others may read or change it; set it to 0400, 0440, 0600 or 0640"
        case .tooLarge(let limit): "\(path) has more than \(limit) bytes; is it the right file?"
        case .empty: "\(path) is empty; write the token into it"
        case .notToken: "\(path) is no token: a token is one line of printable ASCII without spaces"
        case .notPEM(let what):
            "\(path) has no \(what) in PEM; convert it with openssl, or give the right file"
        }
    }

    private func octal(_ mode: UInt32) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

/// What the system says of an `errno`.
func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // SAFETY: strerror_r is told the buffer's size, and terminates what it writes.
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
