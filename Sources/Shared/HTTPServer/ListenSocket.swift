internal import CMicroHTTPD
import Glibc

/// The socket at which clients connect.
struct ListenSocket: ~Copyable {
    /// What `accept` found.
    enum Acceptance {
        case connection(descriptor: Int32, peer: sockaddr_storage, length: socklen_t)
        /// Nobody waits.
        case none
        /// One went away before it was taken, or its network failed.
        case lost
        /// The process or the system has no descriptor or memory left.
        case shortage(Int32)
        case failure(Int32)
    }

    let descriptor: Int32
    /// Where clients connect, with the port that the kernel chose.
    let place: String
    private let file: SocketFile?

    /// Listens at an address.
    ///
    /// - Throws: `HTTPServiceError` when it is not free, not this machine's, or not allowed.
    init(_ address: ListenAddress) throws(HTTPServiceError) {
        do throws(SystemError) {
            if let path = address.path {
                (descriptor, file) = try Self.listen(path)
                place = address.description
            } else {
                descriptor = try Self.listen(address)
                file = nil
                place = Self.place(of: descriptor)
            }
        } catch {
            throw HTTPServiceError(address: address, reason: error.text)
        }
    }

    deinit {
        // The file first: a client that finds it finds somebody listening.
        file?.remove()
        close(descriptor)
    }

    /// Takes one connection that waits; never blocks.
    func accept() -> Acceptance {
        var peer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connection = withUnsafeMutablePointer(to: &peer) {
            // SAFETY: any socket's address fits into a sockaddr_storage, whose size is given.
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(descriptor, $0, &length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
        }
        guard connection < 0 else { return .connection(descriptor: connection, peer: peer, length: length) }
        // accept(2) names the errors that belong to one connection, and are to be treated like EAGAIN.
        switch errno {
        case EAGAIN: return .none
        case EINTR, ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
            EOPNOTSUPP, ENETUNREACH:
            return .lost
        // Linux takes the descriptor first and looks whether anybody waits afterwards: nobody may lack it.
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            let code = errno
            return isAwaited ? .shortage(code) : .none
        default: return .failure(errno)
        }
    }

    /// Whether somebody waits to be accepted.
    private var isAwaited: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    private static func listen(_ address: ListenAddress) throws(SystemError) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, String(address.port), &hints, &found)
        guard code == 0, let found else {
            throw SystemError(code: code == EAI_SYSTEM ? errno : 0, resolution: code)
        }
        defer { freeaddrinfo(found) }
        var failure = SystemError(code: EADDRNOTAVAIL)
        // `localhost` may be ::1 on a machine without IPv6: then the next one is tried.
        var next: UnsafeMutablePointer<addrinfo>? = found
        while let entry = next {
            // SAFETY: getaddrinfo's list is valid until it is freed at this function's end.
            let info = entry.pointee
            do throws(SystemError) {
                return try listen(info.ai_family, info.ai_addr, info.ai_addrlen)
            } catch {
                failure = error
            }
            guard [EAFNOSUPPORT, EADDRNOTAVAIL].contains(failure.code) else { throw failure }
            next = info.ai_next
        }
        throw failure
    }

    private static func listen(_ path: String) throws(SystemError) -> (Int32, SocketFile) {
        try SocketFile.removeStale(path)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the copy ends at the field's size, less the terminator.
        withUnsafeMutableBytes(of: &name.sun_path) {
            // ListenAddress has seen to it that the path and its terminator fit.
            $0.copyBytes(from: path.utf8.prefix($0.count - 1))
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let descriptor = try withUnsafePointer(to: &name) { pointer throws(SystemError) in
            // SAFETY: a sockaddr_un is a sockaddr to bind, which is told its size.
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address throws(SystemError) in
                try listen(AF_UNIX, address, length)
            }
        }
        guard chmod(path, SocketFile.mode) == 0, let file = SocketFile(path) else {
            let failure = SystemError(code: errno)
            close(descriptor)
            unlink(path)
            throw failure
        }
        return (descriptor, file)
    }

    private static func listen(
        _ family: Int32,
        _ address: UnsafePointer<sockaddr>?,
        _ length: socklen_t
    ) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemError(code: errno) }
        if family == AF_UNIX {
            // Linux makes the file with the socket's own mode less the umask: it is never open to others.
            fchmod(descriptor, SocketFile.mode)
        } else {
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let failure = SystemError(code: errno)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static func place(of descriptor: Int32) -> String {
        guard let name = LocalAddress(descriptor) else { return "unknown" }
        return name.description
    }
}
