import CLibPQ

/// Where and as whom to connect, as libpq's keywords and values.
///
/// The description names host, port, database and user, never the password.
public struct ConnectionOptions: Sendable, CustomStringConvertible {
    private var values: [String: String]
    /// Where the password comes from, if not from the values.
    public var passwords: PasswordSource?

    /// Parses a `postgresql://` URI or a `keyword=value` string, as libpq does.
    ///
    /// - Throws: `PostgresError` with code `unexpected` and libpq's reason; the string is not repeated,
    ///   because it may hold a password.
    public init(_ connectionString: String) throws(PostgresError) {
        var reason: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &reason) else {
            // libpq quotes the offending part of the string, which could be the password: name only the kind.
            let quoted = reason.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(reason)
            let kind = quoted.parts(at: ":").first ?? quoted
            let text = kind.parts(at: "\"").first ?? kind
            throw PostgresError(
                code: .unexpected,
                message: "not a connection URI such as postgresql://user@host:5432/database: \(text)",
                server: "connection string"
            )
        }
        defer { PQconninfoFree(options) }
        values = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        guard Self.isUnambiguous(connectionString), values["port"].map(Self.arePorts) ?? true else {
            throw PostgresError(
                code: .unexpected,
                message: "the host, the port or the user information is malformed: in a URI each of "
                    + "@ : / ? % in a user or password is percent-encoded (@ is %40)",
                server: "connection string"
            )
        }
    }

    /// Whether libpq took a URI apart where its author meant it to.
    ///
    /// It ends the password at the first `@`, and the user information at the first `/`: of a password with one of
    /// them in it, the rest would be the host's name or the database's, which are shown.
    private static func isUnambiguous(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        for scheme in ["postgresql://", "postgres://"] where bytes.starts(with: scheme.utf8) {
            let rest = bytes.dropFirst(scheme.utf8.count)
            let authority = rest.prefix { $0 != UInt8(ascii: "/") }
            let path = rest[authority.endIndex...].prefix { $0 != UInt8(ascii: "?") }
            return authority.count { $0 == UInt8(ascii: "@") } <= 1 && !path.contains(UInt8(ascii: "@"))
        }
        return true
    }

    /// Whether these are numbers of ports with commas between them; an empty one is libpq's default.
    private static func arePorts(_ text: String) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ",") }
    }

    /// Builds options from libpq's keywords.
    public init(values: [String: String]) {
        self.values = values
    }

    /// A value by libpq's keyword, if it was given.
    public subscript(keyword: String) -> String? {
        get { values[keyword] }
        set { values[keyword] = newValue }
    }

    /// These options with `application_name` set and TCP tuned to notice a dead peer within seconds.
    ///
    /// Keepalives cover an idle connection, `tcp_user_timeout` data that is on its way: without it a
    /// server that vanished is noticed only after the kernel's retransmissions, up to 15 minutes.
    public func failingFast(as applicationName: String) -> ConnectionOptions {
        var options = self
        let tuning = [
            "application_name": applicationName, "keepalives_idle": "5", "keepalives_interval": "2",
            "keepalives_count": "3", "tcp_user_timeout": "10000",
        ]
        for (keyword, value) in tuning where options.values[keyword] == nil {
            options.values[keyword] = value
        }
        return options
    }

    /// `host:port/database`, for messages.
    public var server: String {
        let host = values["host"] ?? values["hostaddr"] ?? "local socket"
        let port = values["port"] ?? "5432"
        return "\(host):\(port)/\(values["dbname"] ?? values["user"] ?? "")"
    }

    public var description: String {
        values["user"].map { "\($0)@\(server)" } ?? server
    }

    /// Lends the keywords and values as the two null-terminated arrays that `PQconnectStartParams` takes.
    func withKeywordsAndValues<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> R
    ) -> R {
        var values = values
        // A program's texts are UTF-8, whatever PGCLIENTENCODING, the role or the database say.
        values["client_encoding"] = "UTF8"
        let pairs = values.sorted { $0.key < $1.key }
        var arena: [CChar] = []
        var offsets: [(key: Int, value: Int)] = []
        for (key, value) in pairs {
            let start = arena.count
            arena.append(contentsOf: key.utf8CString)
            let middle = arena.count
            arena.append(contentsOf: value.utf8CString)
            offsets.append((start, middle))
        }
        return arena.withUnsafeBufferPointer { bytes in
            var keywords = offsets.map { bytes.baseAddress?.advanced(by: $0.key) }
            var texts = offsets.map { bytes.baseAddress?.advanced(by: $0.value) }
            keywords.append(nil)
            texts.append(nil)
            return body(keywords, texts)
        }
    }
}
