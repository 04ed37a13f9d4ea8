/// A URL taken apart: what libcurl is told, and what people are shown.
///
/// libcurl never sees user information in a URL, so its messages cannot repeat it.
struct RequestTarget: Sendable, Equatable {
    /// What is wrong with a URL, and as much of it as may be shown.
    struct Malformed: Error, Equatable {
        let shown: String
        let reason: String
    }

    /// The URL for libcurl.
    let url: String
    /// The URL for people: without user information, with `?…` for a query.
    let shown: String
    /// The Unix socket to connect to instead of the URL's host.
    let socketPath: String?
    let userName: String?
    let password: String?
    let isSecure: Bool
    /// Whether the server is this machine by its address: no proxy of the environment leads there.
    let isLocal: Bool

    init(_ text: String) throws(Malformed) {
        let bytes = Array(text.utf8)
        func malformed(_ why: String? = nil) -> Malformed {
            let form = "not a URL such as http://127.0.0.1:8090"
            return Malformed(shown: Self.shown(unread: bytes), reason: form + (why.map { ": \($0)" } ?? ""))
        }

        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8)
        else { throw malformed() }
        let scheme = String(decoding: bytes[..<colon].map(Self.lowercased), as: UTF8.self)
        guard ["http", "https", "http+unix"].contains(scheme) else { throw malformed() }
        if let odd = bytes.firstIndex(where: { !(0x21...0x7E).contains($0) }) {
            throw malformed("byte \(odd + 1) must be percent-encoded")
        }

        let afterScheme = bytes[(colon + 3)...]
        let authorityEnd = afterScheme.firstIndex { "/?#".utf8.contains($0) } ?? bytes.endIndex
        var host = afterScheme[..<authorityEnd]
        var name: String?
        var secret: String?
        if let at = host.lastIndex(of: UInt8(ascii: "@")) {
            guard let user = Self.userInformation(host[..<at]) else {
                throw malformed("the user information is not percent-encoded UTF-8")
            }
            (name, secret) = user
            host = host[(at + 1)...]
        }
        // A fragment is the reader's own matter and is never sent (RFC 3986, section 3.5).
        let rest = bytes[authorityEnd...].prefix { $0 != UInt8(ascii: "#") }

        if scheme == "http+unix" {
            guard let path = HTTPBase.decoded(host), path.first == UInt8(ascii: "/"), !path.contains(0),
                // unix(7): sun_path has 108 bytes, the last one of them NUL.
                path.count < 108, let path = String(validating: path, as: UTF8.self)
            else {
                throw malformed(
                    "a Unix socket is http+unix:// and an absolute path of up to 107 bytes with %2F for /"
                )
            }
            socketPath = path
            url = "http://localhost" + String(decoding: rest, as: UTF8.self)
            isLocal = true
        } else {
            guard let address = Self.hostName(host) else { throw malformed() }
            socketPath = nil
            url = "\(scheme)://" + String(decoding: Array(host) + rest, as: UTF8.self)
            isLocal = Self.isLoopback(address)
        }
        isSecure = scheme == "https"
        userName = name
        password = secret
        let path = rest.prefix { $0 != UInt8(ascii: "?") }
        shown =
            "\(scheme)://" + String(decoding: Array(host) + path, as: UTF8.self)
            + (path.count < rest.count ? "?…" : "")
    }

    /// A URL that could not be read, as far as it is no secret.
    ///
    /// Where the parts of it are is unclear, so all before the last `@` may be a password.
    private static func shown(unread bytes: [UInt8]) -> String {
        let open = bytes.lastIndex(of: UInt8(ascii: "@")).map { bytes[($0 + 1)...] } ?? bytes[...]
        let isCut = open.count < bytes.count
        let path = open.prefix { $0 != UInt8(ascii: "?") }
        return (isCut ? "…@" : "") + String(decoding: path, as: UTF8.self)
            + (path.count < open.count ? "?…" : "")
    }

    private static func userInformation(_ bytes: ArraySlice<UInt8>) -> (String, String?)? {
        let name = bytes.prefix { $0 != UInt8(ascii: ":") }
        let secret = name.count < bytes.count ? bytes[(name.endIndex + 1)...] : nil
        guard let name = HTTPBase.decoded(name).flatMap({ String(validating: $0, as: UTF8.self) }) else {
            return nil
        }
        guard let secret else { return (name, nil) }
        guard let secret = HTTPBase.decoded(secret).flatMap({ String(validating: $0, as: UTF8.self) }) else {
            return nil
        }
        return (name, secret)
    }

    /// The host in `host:port` in lower case, without brackets; `nil`: it is none.
    ///
    /// The rest must be as libcurl would read it: what one takes for a port is a password to the other.
    private static func hostName(_ authority: ArraySlice<UInt8>) -> [UInt8]? {
        var host = authority
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[(authority.startIndex + 1)..<end]
            guard !host.isEmpty, isPort(authority[(end + 1)...]),
                host.allSatisfy({ isLetterOrDigit($0) || ":.%-_~".utf8.contains($0) })
            else { return nil }
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard !host.isEmpty, isPort(authority[host.endIndex...]),
                host.allSatisfy({ isLetterOrDigit($0) || ".-_".utf8.contains($0) })
            else { return nil }
        }
        return host.map(lowercased)
    }

    /// Whether this is nothing, or a colon and the number of a port.
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        guard bytes.first == UInt8(ascii: ":"), bytes.count <= 6 else { return false }
        let digits = bytes.dropFirst()
        guard digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return false }
        return UInt16(String(decoding: digits, as: UTF8.self)).map { $0 > 0 } ?? false
    }

    /// Whether a host is 127.0.0.0/8 (RFC 1122, section 3.2.1.3), ::1 (RFC 4291) or localhost (RFC 6761).
    private static func isLoopback(_ host: [UInt8]) -> Bool {
        let name = host.last == UInt8(ascii: ".") ? host.dropLast() : host[...]
        if name.elementsEqual("localhost".utf8) || name.elementsEqual("::1".utf8) { return true }
        // A name such as 127.example.org is no address.
        let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].elementsEqual("127".utf8)
            && parts.allSatisfy { UInt8(String(decoding: $0, as: UTF8.self)) != nil }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch lowercased(byte) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
}
