/// Where a program listens for HTTP: `127.0.0.1:8090`, `[::1]:8090`, `localhost:8090`.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    /// 0 lets the kernel choose.
    public let port: Int

    /// Parses `host:port`; `nil` when it is not that.
    ///
    /// A port alone is refused: whether a server is open to the network should be written down.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        (self.host, self.port) = (String(host), Int(port))
    }

    /// Reads an option of a command line.
    ///
    /// - Parameter example: an address to show to whoever wrote something else.
    /// - Returns: a function that throws `ListenAddressError`.
    public static func option(like example: String) -> @Sendable (String) throws -> ListenAddress {
        { text in
            guard let address = ListenAddress(text) else {
                throw ListenAddressError(text: text, example: example)
            }
            return address
        }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Why an option is no address to listen at.
public struct ListenAddressError: Error, Sendable, CustomStringConvertible {
    let text: String
    let example: String

    public var description: String { "\(text) is not host:port, such as \(example)" }
}
