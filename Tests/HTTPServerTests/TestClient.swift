import Glibc
import Testing

/// What a server answered.
struct TestReply {
    let status: Int
    /// By names in small letters.
    let headers: [String: String]
    let body: String
}

/// A client on a plain socket: it sends what it is told, byte for byte.
///
/// Every wait ends at its deadline.
final class TestClient {
    enum Failure: Error {
        case system(String, Int32)
        case closed(String)
        case malformed(String)
    }

    private var descriptor: Int32
    private var pending: [UInt8] = []

    /// A socket that is not connected yet.
    init(family: Int32 = AF_INET, deadline: Duration = .seconds(60)) throws {
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.system("socket", errno) }
        let (seconds, attoseconds) = deadline.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    convenience init(port: UInt16, address: UInt32 = 0x7f00_0001, deadline: Duration = .seconds(60)) throws {
        try self.init(deadline: deadline)
        try connect(port: port, address: address)
    }

    convenience init(path: String, deadline: Duration = .seconds(60)) throws {
        try self.init(family: AF_UNIX, deadline: deadline)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let code = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw Failure.system("connect", errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func connect(port: UInt16, address: UInt32 = 0x7f00_0001) throws {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address.bigEndian
        let code = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure.system("connect", errno) }
    }

    /// - Returns: whether the server's kernel took all of it.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Says that nothing more comes.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes with a reset, so that the server cannot send any more.
    func abort() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close(descriptor)
        descriptor = -1
    }

    /// Reads one answer.
    func reply(toHead isHead: Bool = false) throws -> TestReply {
        let end = Array("\r\n\r\n".utf8)
        var position = 0
        while true {
            if let found = Self.find(end, in: pending, from: position) {
                position = found
                break
            }
            position = max(0, pending.count - 3)
            guard try receive() else { throw Failure.closed(String(decoding: pending, as: UTF8.self)) }
        }
        let lines = String(decoding: pending[..<position], as: UTF8.self).split(separator: "\r\n")
        pending.removeFirst(position + 4)
        let first = (lines.first ?? "").split(separator: " ")
        guard first.count >= 2, first[0] == "HTTP/1.1", first[1].utf8.count == 3, let status = Int(first[1])
        else {
            throw Failure.malformed(lines.joined(separator: "|"))
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Failure.malformed(String(line)) }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        let length = isHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
        while pending.count < length {
            guard try receive() else { throw Failure.closed("\(pending.count) of \(length) bytes") }
        }
        let body = String(decoding: pending.prefix(length), as: UTF8.self)
        pending.removeFirst(length)
        return TestReply(status: status, headers: headers, body: body)
    }

    /// Reads until the server closes, in order or not.
    ///
    /// - Throws: when it has not by the deadline.
    @discardableResult
    func readToEnd() throws -> [UInt8] {
        while try receive() {}
        defer { pending = [] }
        return pending
    }

    /// Whether there is something to read, or the end, within a time.
    func isReadable(within duration: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(duration / .milliseconds(1))) == 1
    }

    /// Whether the server has reset the connection, by a time.
    func isReset(within duration: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&entry, 1, Int32(duration / .milliseconds(1))) == 1
    }

    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno != ECONNRESET, errno != EPIPE { throw Failure.system("recv", errno) }
        guard count > 0 else { return false }
        pending.append(contentsOf: buffer[..<count])
        return true
    }

    private static func find(_ mark: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= mark.count, start <= bytes.count - mark.count else { return nil }
        return (start...(bytes.count - mark.count)).first { bytes[$0...].starts(with: mark) }
    }
}
