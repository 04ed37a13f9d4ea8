internal import CMicroHTTPD
import Glibc

/// The server's end of a socket.
struct LocalAddress: CustomStringConvertible {
    private let storage: sockaddr_storage

    /// Asks the kernel; `nil` when the socket has none.
    init?(_ descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) {
            // SAFETY: any socket's address fits into a sockaddr_storage, whose size is given.
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0 else { return nil }
        self.storage = storage
    }

    /// How a connection with this end came in.
    var door: Door {
        switch PeerAddress(storage) {
        case .unix: .unix
        case let address: address.isLoopback ? .loopback : .network
        }
    }

    /// `127.0.0.1:8090` or `[::1]:8090`.
    var description: String {
        var storage = storage
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let size = socklen_t(text.count)
        switch Int32(storage.ss_family) {
        case AF_INET:
            // SAFETY: the kernel wrote a sockaddr_in, as the family says.
            var name = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            // SAFETY: inet_ntop reads an in_addr for AF_INET, and is told the text's size.
            guard inet_ntop(AF_INET, &name.sin_addr, &text, size) != nil else { return "unknown" }
            return "\(Self.string(text)):\(UInt16(bigEndian: name.sin_port))"
        case AF_INET6:
            // SAFETY: the kernel wrote a sockaddr_in6, as the family says.
            var name = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }
            // SAFETY: inet_ntop reads an in6_addr for AF_INET6, and is told the text's size.
            guard inet_ntop(AF_INET6, &name.sin6_addr, &text, size) != nil else { return "unknown" }
            return "[\(Self.string(text))]:\(UInt16(bigEndian: name.sin6_port))"
        default: return "unknown"
        }
    }

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
