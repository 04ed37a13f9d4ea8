/// Where a server's interface begins: what paths are appended to.
///
/// Three forms are understood, and nothing is checked before a request is sent:
/// - `http://host:port` and `https://host:port`, with a path if need be;
/// - `http+unix://%2Frun%2Fsink.sock`: HTTP over a Unix socket, whose absolute path is percent-encoded in the
///   host's place, so that `/status` can follow;
/// - `unix:/run/sink.sock` for people, also as `unix:///run/sink.sock`: it becomes the form before.
public struct HTTPBase: Sendable, Equatable, CustomStringConvertible {
    /// The base, without slashes at its end: append a path that begins with one.
    public let url: String

    public init(_ text: String) {
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: "unix:".utf8) {
            bytes = bytes.dropFirst(5)
            if bytes.starts(with: "///".utf8) { bytes = bytes.dropFirst(2) }
            url = "http+unix://" + Self.segment(String(decoding: bytes, as: UTF8.self))
            return
        }
        while bytes.last == UInt8(ascii: "/") { bytes = bytes.dropLast() }
        url = String(decoding: bytes, as: UTF8.self)
    }

    public var description: String { url }

    /// Whether a password stands in it; of a text that is no URL, whether one may.
    public var hasPassword: Bool {
        do throws(RequestTarget.Malformed) {
            return try RequestTarget(url).password != nil
        } catch {
            return url.utf8.contains(UInt8(ascii: "@"))
        }
    }

    /// Whether nobody on the network can answer in the server's place: it is asked by TLS, or on this machine.
    public var isAuthentic: Bool {
        (try? RequestTarget(url)).map { $0.isSecure || $0.isLocal } ?? false
    }

    /// Whether the server is this machine by its address.
    public var isLocal: Bool { (try? RequestTarget(url)).map(\.isLocal) ?? false }

    /// Whether it names a server on a network and nothing else: no user, no path, no query.
    public var isPlainServer: Bool {
        guard let target = try? RequestTarget(url), target.socketPath == nil, target.userName == nil else {
            return false
        }
        let scheme = target.isSecure ? "https://" : "http://"
        return !target.url.utf8.dropFirst(scheme.utf8.count).contains { "/?#".utf8.contains($0) }
    }

    /// A URL as it may be shown: without user information, with `?…` for its query, control characters
    /// escaped.
    ///
    /// Of a text that is no URL, all before its last `@` is left out.
    public static func shown(_ url: String) -> String {
        do throws(RequestTarget.Malformed) {
            return try RequestTarget(url).shown
        } catch {
            return error.shown.visible
        }
    }

    /// A name as one segment of a URL's path, or as a value in its query: every byte of its UTF-8 that is not
    /// unreserved is percent-encoded (RFC 3986, sections 2.1 and 2.3).
    public static func segment(_ name: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexadecimal(byte >> 4))
                encoded.append(hexadecimal(byte & 0xF))
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }

    /// The bytes that a percent-encoded text stands for (RFC 3986, section 2.1); `nil` where `%` has no two
    /// digits after it.
    static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
