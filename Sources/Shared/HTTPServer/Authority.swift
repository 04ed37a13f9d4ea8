import Glibc

/// A host and perhaps a port, as the header `Host` has them (RFC 9110, 7.2; RFC 3986, 3.2).
struct Authority: Equatable {
    /// Who is meant.
    enum Host: Equatable {
        /// In host byte order.
        case ipv4(UInt32)
        /// The address's sixteen bytes.
        case ipv6([UInt8])
        /// In small letters, without the dot of the root.
        case name([UInt8])
    }

    let host: Host
    let port: UInt16?

    /// Parses `name`, `1.2.3.4` or `[::1]`, each with or without `:port`; `nil` for anything else.
    init?(_ bytes: [UInt8]) {
        guard (1...261).contains(bytes.count) else { return nil }
        let (literal, rest): (ArraySlice<UInt8>, ArraySlice<UInt8>)
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            (literal, rest) = (bytes[1..<end], bytes[(end + 1)...])
            guard case .ipv6 = Host(literal: Array(literal)) else { return nil }
        } else {
            let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            (literal, rest) = (bytes[..<end], bytes[end...])
            guard literal.contains(where: { $0 != UInt8(ascii: ".") }), literal.allSatisfy(Self.isNamePart)
            else {
                return nil
            }
        }
        if rest.isEmpty {
            port = nil
        } else {
            let digits = rest.dropFirst()
            guard rest.first == UInt8(ascii: ":"), (1...5).contains(digits.count),
                digits.allSatisfy(\.isDigit),
                let number = UInt16(String(decoding: digits, as: UTF8.self))
            else { return nil }
            port = number
        }
        host = Host(literal: Array(literal))
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte.lowercased {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: byte.isDigit
        }
    }
}

extension Authority.Host {
    /// Reads a host without brackets or a port: an IP address if it is one, otherwise a name.
    init(literal: [UInt8]) {
        var bytes = literal
        if bytes.count > 1, bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        let text = String(decoding: bytes, as: UTF8.self)
        var four = in_addr()
        var six = in6_addr()
        // SAFETY: inet_pton writes an in_addr for AF_INET and an in6_addr for AF_INET6, and reads a C string.
        if !bytes.contains(0), inet_pton(AF_INET, text, &four) == 1 {
            self = .ipv4(UInt32(bigEndian: four.s_addr))
        } else if !bytes.contains(0), inet_pton(AF_INET6, text, &six) == 1 {
            // SAFETY: an in6_addr is sixteen plain bytes.
            self = .ipv6(withUnsafeBytes(of: &six) { Array($0) })
        } else {
            self = .name(bytes.lowercased)
        }
    }

    /// Whether it can only mean this machine: `localhost`, `127.0.0.0/8`, `::1`, and the former within IPv6.
    var isLoopback: Bool {
        switch self {
        case .ipv4(let address): address >> 24 == 127
        case .ipv6(let bytes):
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
                || bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
                    && bytes[12] == 127
        case .name(let name): name.isCaseless("localhost")
        }
    }

    /// Whether it is an address and no name.
    var isAddress: Bool { if case .name = self { false } else { true } }
}
