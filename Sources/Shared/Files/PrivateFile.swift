import Glibc

/// Files that the programs write: for their owner only when they are new, and never through a link.
///
/// In a folder that others may write to, a link or a file of theirs in the place of a report would send what is
/// written to a file of their choice, or into their hands.
public enum PrivateFile {
    /// The mode of a new file.
    static let mode: mode_t = 0o600

    /// Why a file is not written to.
    public struct Problem: Error, Sendable, CustomStringConvertible {
        public let description: String

        init(_ description: String) {
            self.description = description
        }

        init(code: Int32) {
            // SAFETY: strerror gives a text that ends with 0 for every number, and it is copied at once.
            description = String(cString: strerror(code))
        }
    }

    /// Opens a file for appending; makes it if it is not there.
    ///
    /// - Returns: the descriptor, which the caller closes.
    public static func open(appendingTo path: String) throws(Problem) -> Int32 {
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW
        // Another program may make or remove the file between the two calls; not for ever.
        for _ in 0..<100 {
            var descriptor = Glibc.open(path, flags)
            if descriptor < 0, errno == ENOENT {
                descriptor = Glibc.open(path, flags | O_CREAT | O_EXCL, mode)
                if descriptor < 0, errno == EEXIST { continue }
                if descriptor >= 0 { return descriptor }
            }
            guard descriptor >= 0 else { throw problem(errno, path) }
            do throws(Problem) {
                try checkOwner(descriptor, path)
            } catch {
                close(descriptor)
                throw error
            }
            return descriptor
        }
        throw Problem("it is made and removed by others again and again")
    }

    /// Writes a whole file, or leaves the former one; a link in its place is replaced, not followed.
    public static func write(_ bytes: [UInt8], to path: String) throws(Problem) {
        var status = stat()
        var mode = mode
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() {
            // Whoever let others read the former one wants them to read this one.
            mode = status.st_mode & 0o777
        }
        let draft = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max))"
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, Self.mode)
        guard descriptor >= 0 else { throw Problem(code: errno) }
        var code = writeAll(bytes, to: descriptor)
        if code == 0, fchmod(descriptor, mode) != 0 || fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, rename(draft, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(draft)
            throw Problem(code: code)
        }
    }

    /// - Returns: the error's number, 0 where all was written.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < buffer.count {
                // SAFETY: the pointer stays within the buffer, whose rest is given as the length.
                let count = Glibc.write(
                    descriptor,
                    buffer.baseAddress?.advanced(by: start),
                    buffer.count - start
                )
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count < 0 ? errno : EIO }
                start += count
            }
            return 0
        }
    }

    private static func problem(_ code: Int32, _ path: String) -> Problem {
        // What O_NOFOLLOW answers for a link.
        guard code == ELOOP else { return Problem(code: code) }
        return Problem("it is a symbolic link; give the path that it leads to")
    }

    /// A file may be this user's, root's, or of the folder's owner, who could replace it anyway.
    private static func checkOwner(_ descriptor: Int32, _ path: String) throws(Problem) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem(code: errno) }
        if status.st_mode & S_IFMT == S_IFCHR { return }
        if status.st_uid == geteuid() || status.st_uid == 0 { return }
        let bytes = Array(path.utf8)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(decoding: bytes[...$0], as: UTF8.self) } ?? "."
        var parent = stat()
        guard stat(folder, &parent) == 0 else { throw Problem(code: errno) }
        guard parent.st_uid == status.st_uid else {
            throw Problem(
                "it belongs to user \(status.st_uid), neither to this user nor to the folder's owner; "
                    + "give another path, or remove it"
            )
        }
    }
}
