/// Who may ask, and who may order.
///
/// Reading (`GET`, `HEAD`) is open to whoever reaches the address under a name that is its own: a browser can be
/// made to ask under any name that its page's owner controls (DNS rebinding), so other names are refused.
/// Orders (every other method) need a token, a Unix socket, or a loopback address.
public struct HTTPAccess: Sendable {
    let token: OrderToken?
    let hosts: [String]
    let tls: TLSIdentity?

    /// - Parameters:
    ///   - token: what orders over TCP must present as `Authorization: Bearer TOKEN`; without one, only orders
    ///     over loopback are followed.
    ///   - hosts: names under which clients may ask, beside addresses, `localhost` and the name listened at;
    ///     `name` for any port, `name:port` for one. What is neither never matches.
    ///   - tls: makes the server speak TLS only.
    public init(token: OrderToken? = nil, hosts: [String] = [], tls: TLSIdentity? = nil) {
        (self.token, self.hosts, self.tls) = (token, hosts, tls)
    }
}

/// The secret that orders present (RFC 6750).
public struct OrderToken: Sendable, CustomStringConvertible {
    private let bytes: [UInt8]

    /// Reads the token from a file; the newline at its end is no part of it.
    ///
    /// - Throws: `AccessFileError` when the file cannot be read, is no regular file, is open to others (see
    ///   `AccessFileError`), is empty, is larger than 4 KiB, or has other than printable ASCII without spaces.
    public init(file path: String) throws(AccessFileError) {
        var bytes = try AccessFile.read(path, limit: 4_096, isSecret: true)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw AccessFileError(path: path, reason: .empty) }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw AccessFileError(path: path, reason: .notToken)
        }
        self.bytes = bytes
    }

    /// Whether it is the token; takes as long for every text of one length.
    public func matches(_ presented: [UInt8]) -> Bool {
        var difference: UInt8 = presented.count == bytes.count ? 0 : 1
        for index in bytes.indices {
            difference |= bytes[index] ^ (index < presented.count ? presented[index] : 0)
        }
        return difference == 0
    }

    /// Not the secret.
    public var description: String { "a token of \(bytes.count) bytes" }
}

/// What the server proves itself with over TLS 1.2 and 1.3.
public struct TLSIdentity: Sendable, CustomStringConvertible {
    let certificate: [UInt8]
    let key: [UInt8]
    /// Where the key came from, for messages.
    let paths: String

    /// Reads a chain of certificates, the server's own first, and its key without a password, both PEM.
    ///
    /// Whether the two are valid and belong together shows when the service starts.
    ///
    /// - Throws: `AccessFileError` when a file cannot be read, the key's is open to others, or one is no PEM.
    public init(certificate: String, key: String) throws(AccessFileError) {
        self.certificate = try AccessFile.read(certificate, limit: 1_048_576, isSecret: false)
        self.key = try AccessFile.read(key, limit: 65_536, isSecret: true)
        paths = "\(certificate) and \(key)"
        guard Self.has("-----BEGIN CERTIFICATE-----", self.certificate) else {
            throw AccessFileError(path: certificate, reason: .notPEM("certificate"))
        }
        guard Self.has("PRIVATE KEY-----", self.key) else {
            throw AccessFileError(path: key, reason: .notPEM("private key"))
        }
    }

    /// Not the key.
    public var description: String { "the identity in \(paths)" }

    private static func has(_ mark: String, _ bytes: [UInt8]) -> Bool {
        let mark = Array(mark.utf8)
        guard !bytes.contains(0), bytes.count >= mark.count else { return false }
        return (0...(bytes.count - mark.count)).contains { bytes[$0...].starts(with: mark) }
    }
}
