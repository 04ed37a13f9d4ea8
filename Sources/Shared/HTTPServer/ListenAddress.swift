/// Where a program listens for HTTP: `127.0.0.1:8090`, `[::1]:8090`, `localhost:8090`, `unix:/run/sink.sock`.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// What `init(_:)` takes, for messages.
    public static let valid = "host:port such as 127.0.0.1:8090, or unix:/path"
    /// The kernel's `sun_path` has 108 bytes; the last one is the terminator.
    static let longestPath = 107

    /// A name or an IP address without brackets; empty for a Unix socket.
    public let host: String
    /// 0 lets the kernel choose; 0 for a Unix socket.
    public let port: Int
    /// The Unix socket's absolute path; `nil` for TCP.
    public let path: String?

    /// Parses `host:port` or `unix:/path`; `nil` when it is neither.
    ///
    /// A port alone is refused: whether a server is open to the network should be written down.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
        if bytes.starts(with: Array("unix:/".utf8)) {
            let path = bytes.dropFirst(5)
            guard (2...Self.longestPath).contains(path.count) else { return nil }
            (host, port, self.path) = ("", 0, String(decoding: path, as: UTF8.self))
            return
        }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = bytes[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.allSatisfy(\.isDigit),
            let port = UInt16(String(decoding: digits, as: UTF8.self))
        else { return nil }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(UInt8(ascii: ":")) || host.contains(UInt8(ascii: "[")) {
            return nil
        }
        guard !host.isEmpty else { return nil }
        (self.host, self.port, path) = (String(decoding: host, as: UTF8.self), Int(port), nil)
    }

    /// Whether only programs on this machine reach it: `localhost`, `127.0.0.0/8`, `::1` and Unix sockets.
    public var isLoopback: Bool { path != nil || (Authority.Host(literal: Array(host.utf8)).isLoopback) }

    public var description: String {
        if let path { return "unix:\(path)" }
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
