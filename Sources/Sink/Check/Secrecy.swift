/// Who else could read what goes over a connection, and the way out.
enum Secrecy {
    /// - Parameters:
    ///   - isEncrypted: whether the session that was just opened is.
    ///   - isLocal: whether it stays on this machine.
    ///   - mode: `sslmode`; `nil` where libpq's default holds.
    /// - Returns: `nil` where there is nothing to say.
    static func ofDestination(isEncrypted: Bool, isLocal: Bool, mode: String?) -> String? {
        guard !isLocal else { return nil }
        let way = "give sslmode=verify-full and sslrootcert in connection.url"
        guard isEncrypted else {
            return "is not encrypted: rows, and perhaps the password, can be read on the way; \(way)"
        }
        switch mode ?? "prefer" {
        case "verify-full": return nil
        case "verify-ca":
            return "is encrypted, but any host with a certificate of the authority passes; \(way)"
        case "require":
            return "is encrypted, but unless a root certificate is there, anybody passes; \(way)"
        case let mode:
            return "is encrypted, but sslmode=\(mode) goes on without, where a server wants none; \(way)"
        }
    }

    /// - Parameter protocol: Kafka's `security.protocol`; `nil` where its default holds.
    /// - Returns: `nil` where there is nothing to say.
    static func ofBrokers(_ servers: String, protocol: String?) -> String? {
        let name = (`protocol` ?? "PLAINTEXT").uppercasedASCII
        let hosts = servers.utf8.split(separator: UInt8(ascii: ","))
            .map { $0.drop { $0 == UInt8(ascii: " ") } }
        let isPlain = name == "PLAINTEXT"
        guard isPlain || name == "SASL_PLAINTEXT", !hosts.allSatisfy(isLoopback) else { return nil }
        let password = isPlain ? "" : ", and with PLAIN the password,"
        return "are spoken to without TLS (security.protocol=\(name)): records\(password) can be read on the "
            + "way; give consumer.override.security.protocol=\(isPlain ? "SSL" : "SASL_SSL") where they offer it"
    }

    /// Whether `host:port` is this machine.
    private static func isLoopback(_ server: Substring.UTF8View) -> Bool {
        let text = Array(server)
        guard !text.starts(with: "[::1]:".utf8) else { return true }
        let host = text.prefix { $0 != UInt8(ascii: ":") }
        // A name such as 127.example.org is no address.
        let isAddress = host.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
        return host.elementsEqual("localhost".utf8) || (isAddress && host.starts(with: "127.".utf8))
    }
}
