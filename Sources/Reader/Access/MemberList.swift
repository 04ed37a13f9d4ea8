package import Commands

/// Where a member's PostgreSQL listens.
package struct MemberAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an IP address without brackets.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        (self.host, self.port) = (host, port)
    }

    /// Parses `host:port`; an IPv6 address stands in brackets.
    package init?(_ text: Substring.UTF8View) {
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(String(Substring(text[text.index(after: colon)...]))), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(UInt8(ascii: ":")) {
            return nil
        }
        // A comma would make libpq try several hosts, a slash would be the folder of a socket.
        let refused = Array("[]/,@".utf8)
        guard !host.isEmpty, host.allSatisfy({ $0 > 0x20 && $0 != 0x7F && !refused.contains($0) }) else {
            return nil
        }
        (self.host, self.port) = (String(Substring(host)), Int(port))
    }

    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// The members of a cluster and where their PostgreSQL listens: `patroni1=db1.example:5432,patroni2=…`.
package struct MemberList: OptionValue, Equatable {
    package let addresses: [String: MemberAddress]

    package init(argument: String) throws(InvalidValue) {
        var addresses: [String: MemberAddress] = [:]
        for part in argument[...].utf8.split(separator: UInt8(ascii: ",")) {
            let entry = part.drop { $0 == UInt8(ascii: " ") }
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")), equals > entry.startIndex,
                let address = MemberAddress(entry[entry.index(after: equals)...])
            else { throw InvalidValue("\(String(Substring(entry))) is not NAME=HOST:PORT") }
            let name = String(Substring(entry[..<equals]))
            guard addresses.updateValue(address, forKey: name) == nil else {
                throw InvalidValue("it has \(name) twice")
            }
        }
        guard !addresses.isEmpty else { throw InvalidValue() }
        self.addresses = addresses
    }

    package static var valid: String { "members such as patroni1=db1.example:5432, with commas between them" }

    package var argument: String {
        addresses.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
