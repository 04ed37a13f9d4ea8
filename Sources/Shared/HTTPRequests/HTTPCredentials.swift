/// How one server's REST interface is reached: who we are and whom we trust.
///
/// The files are read for each new connection, so a renewed one counts from the next connection on.
public struct HTTPCredentials: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// A PEM file of the authorities whose signature on a server's certificate counts; `nil`: the system's.
    ///
    /// The system's authorities do not count where it is given.
    public var caFile: String?
    /// The client's certificate, a PEM file, with those of intermediate authorities after it.
    public var certificateFile: String?
    /// The key of the client's certificate, a PEM file; `nil`: it is in `certificateFile`.
    public var keyFile: String?
    /// What the key is encrypted with; `nil`: it is not.
    public var keyPassword: String?
    /// The name for basic authentication (RFC 7617); one in the URL takes its place.
    public var userName: String?
    /// The password for basic authentication; `nil`: an empty one.
    public var password: String?
    /// The token for bearer authentication (RFC 6750); it excludes a user name.
    public var token: String?

    /// Nobody in particular, who trusts the system's authorities.
    public init() {}

    /// Whether each server that is asked gets something that it could use elsewhere.
    public var hasSecret: Bool { userName != nil || password != nil || token != nil }

    /// The files and the user name; of each secret only whether it is there.
    public var description: String {
        let parts = [
            caFile.map { "CA file \($0)" },
            certificateFile.map { "certificate \($0)" },
            keyFile.map { "key \($0)" },
            keyPassword.map { _ in "key password given" },
            userName.map { "user \($0)" },
            password.map { _ in "password given" },
            token.map { _ in "token given" },
        ].compactMap(\.self)
        return parts.isEmpty
            ? "no credentials" : parts.joined(separator: ", ").visible
    }

    /// No members: `dump` and a failed expectation of a test print them, secrets and all.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    /// Why no request can be made with these; `nil`: they are in order, apart from what the files hold.
    var problem: String? {
        if token != nil, userName != nil || password != nil {
            return "a token and a user name exclude each other; give one of them"
        }
        if let token, token.isEmpty || !token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) {
            return "the token is empty or has a blank, a line end or another byte that no header may carry"
        }
        if password != nil, userName == nil { return "a password needs a user name" }
        // RFC 7617, section 2: a colon ends the name, and control characters are not allowed in either.
        if let userName, userName.utf8.contains(where: { $0 == 0x3A || isControl($0) }) {
            return "the user name has a colon or a control character"
        }
        if let password, password.utf8.contains(where: isControl) {
            return "the password has a control character, such as a line end"
        }
        if keyFile != nil, certificateFile == nil { return "a key file needs a certificate file" }
        for text in [caFile, certificateFile, keyFile, keyPassword] {
            if let text, text.utf8.contains(0) { return "a file name or the key's password has a NUL byte" }
        }
        return nil
    }
}

private func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
