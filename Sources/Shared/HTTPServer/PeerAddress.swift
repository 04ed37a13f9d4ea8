internal import CMicroHTTPD
import Glibc

/// Where a connection's end is, as far as the server cares.
enum PeerAddress: Hashable, Sendable {
    case unix
    /// In host byte order; also for IPv4 within IPv6.
    case ipv4(UInt32)
    /// The network of 64 bits: whoever has one address of it has all of them.
    case ipv6(network: UInt64, isLoopback: Bool)

    /// Whether the limit for an address applies: not to programs on this machine.
    var isCounted: Bool { !isLoopback }

    var isLoopback: Bool {
        switch self {
        case .unix: true
        case .ipv4(let address): address >> 24 == 127
        case .ipv6(_, let isLoopback): isLoopback
        }
    }

    /// Reads what the kernel wrote; anything but IP is a Unix socket's.
    init(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            // SAFETY: the kernel wrote a sockaddr_in, as the family says; the storage is large and aligned enough.
            let address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in.self) }
            self = .ipv4(UInt32(bigEndian: address.sin_addr.s_addr))
        case AF_INET6:
            // SAFETY: as above, for sockaddr_in6; an in6_addr is sixteen plain bytes.
            var address = withUnsafeBytes(of: &storage) { $0.load(as: sockaddr_in6.self) }.sin6_addr
            let bytes = withUnsafeBytes(of: &address) { Array($0) }
            let number = { (range: Range<Int>) in bytes[range].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
            if number(0..<8) == 0, number(8..<12) == 0xffff {
                self = .ipv4(UInt32(truncatingIfNeeded: number(12..<16)))
            } else {
                self = .ipv6(network: number(0..<8), isLoopback: number(0..<8) == 0 && number(8..<16) == 1)
            }
        default: self = .unix
        }
    }
}
