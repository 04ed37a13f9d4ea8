internal import CMicroHTTPD
import Glibc

/// The file by which a Unix socket is found.
struct SocketFile: Sendable {
    /// The owner and the group may connect, which is all that orders need there.
    static let mode: mode_t = 0o660

    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Notes which file is at a path; `nil` when there is none.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        (self.path, device, inode) = (path, status.st_dev, status.st_ino)
    }

    /// Removes it, unless another program has put its own there.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unlink(path)
    }

    /// Removes what a program that is gone left at a path: only a socket, and only when nobody listens.
    ///
    /// - Throws: `EADDRINUSE` when somebody listens, `EEXIST` when it is no socket.
    static func removeStale(_ path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw SystemError(code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError(code: EEXIST) }
        let probe = socket(
            AF_UNIX,
            Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
            0
        )
        guard probe >= 0 else { throw SystemError(code: errno) }
        defer { close(probe) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the copy ends at the field's size, less the terminator.
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let code = withUnsafePointer(to: &name) {
            // SAFETY: a sockaddr_un is a sockaddr to connect, which is told its size.
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        // EAGAIN: somebody listens, whose backlog is full.
        guard code != 0, errno != EAGAIN else { throw SystemError(code: EADDRINUSE) }
        guard errno == ECONNREFUSED else { throw SystemError(code: errno) }
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemError(code: errno) }
    }
}
