public import Commands
public import HTTPServer

/// Who may ask a program's own HTTP interface.
public struct ListenOptions: Options {
    @Option(
        environment: "HANDOVER_TOKEN_FILE",
        help: """
            File with the token that orders over TCP must carry, as "Authorization: Bearer …". Without it, they are \
            taken on loopback from clients that name it as loopback. On a Unix socket its mode is the lock.
            """,
        valueName: "file"
    )
    public var tokenFile: String?

    @Option(
        environment: "HANDOVER_TLS_CERTIFICATE",
        help: "Certificate (PEM) to answer HTTPS with.",
        valueName: "file"
    )
    public var tlsCertificate: String?

    @Option(
        environment: "HANDOVER_TLS_KEY",
        help: "Its private key (PEM).",
        valueName: "file"
    )
    public var tlsKey: String?

    @Option(
        environment: "HANDOVER_ALLOW_HOST",
        help:
            "A name under which clients may ask, beside localhost and addresses; may be repeated. In the variable, commas stand between them.",
        valueName: "name"
    )
    public var allowHost: [String]

    public init() {}

    public func check(_ problems: inout Problems) {
        problems.unless(
            (tlsCertificate == nil) == (tlsKey == nil),
            "--tls-certificate and --tls-key go together."
        )
        do {
            _ = try access()
        } catch {
            problems.add("\(error)")
        }
    }

    /// What was given, with the files read now.
    public func access() throws -> HTTPAccess {
        var identity: TLSIdentity?
        if let tlsCertificate, let tlsKey {
            identity = try TLSIdentity(certificate: tlsCertificate, key: tlsKey)
        }
        return HTTPAccess(
            token: try tokenFile.map { try OrderToken(file: $0) },
            hosts: allowHost,
            tls: identity
        )
    }
}
