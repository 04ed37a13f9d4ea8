public import Commands
public import HTTPRequests

/// As whom a program asks an HTTP interface, and whose certificate it believes.
///
/// A group with a prefix: `--patroni-ca`, `HANDOVER_PATRONI_CA`. Secrets come from files only: the command line is
/// in the process list.
public struct AccessOptions: Options {
    @Option(
        environment: "CA",
        help: "Certificates (PEM) of the authorities to believe, instead of the system's.",
        valueName: "file"
    )
    public var ca: String?

    @Option(
        environment: "CERTIFICATE",
        help: "Client certificate (PEM) to show.",
        valueName: "file"
    )
    public var certificate: String?

    @Option(environment: "KEY", help: "Its private key (PEM).", valueName: "file")
    public var key: String?

    @Option(environment: "KEY_PASSWORD_FILE", help: "File with the key's password.", valueName: "file")
    public var keyPasswordFile: String?

    @Option(environment: "USER", help: "User name for basic authentication.", valueName: "name")
    public var user: String?

    @Option(
        environment: "PASSWORD_FILE",
        help: "File with the password for it.",
        valueName: "file"
    )
    public var passwordFile: String?

    @Option(
        environment: "TOKEN_FILE",
        help: "File with a token for bearer authentication.",
        valueName: "file"
    )
    public var tokenFile: String?

    public init() {}

    public func check(_ problems: inout Problems) {
        problems.unless((certificate == nil) == (key == nil), "A client certificate and its key go together.")
        problems.unless(
            (user == nil) == (passwordFile == nil),
            "A user and the file with the password go together."
        )
        problems.unless(user == nil || tokenFile == nil, "Give either a user or a token, not both.")
        for case let path? in [keyPasswordFile, passwordFile, tokenFile] {
            if case .failure(let problem) = SecretFile.read(path) { problems.add("\(problem)") }
        }
    }

    /// What was given, with the files of secrets read now.
    ///
    /// - Throws: `UsageError` when one can't be read any more: nothing is asked without the credentials.
    public func credentials() throws(UsageError) -> HTTPCredentials {
        var credentials = HTTPCredentials()
        (credentials.caFile, credentials.certificateFile, credentials.keyFile) = (ca, certificate, key)
        credentials.userName = user
        credentials.keyPassword = try Self.secret(keyPasswordFile)
        credentials.password = try Self.secret(passwordFile)
        credentials.token = try Self.secret(tokenFile)
        return credentials
    }

    private static func secret(_ path: String?) throws(UsageError) -> String? {
        guard let path else { return nil }
        switch SecretFile.read(path) {
        case .success(let secret): return secret
        case .failure(let problem): throw UsageError("\(problem)")
        }
    }
}
