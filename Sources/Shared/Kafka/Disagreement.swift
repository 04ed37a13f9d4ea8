/// What broker and client do not agree on before they talk: TLS, or who the client is.
///
/// Waiting seldom mends it: what is wrong is in the configuration of one of the two.
public enum Disagreement: Sendable, Equatable {
    /// The broker's certificate is not from a known authority, or names another host.
    case brokerCertificate
    /// The broker wants a certificate of the client, or another one.
    case clientCertificate
    /// One speaks TLS and the other does not.
    case isEncrypted
    /// The user, the password or the way to prove it.
    case login

    /// What a connection failed for; `nil` for anything that is about the network or the brokers.
    ///
    /// librdkafka has one code for all that OpenSSL reports, and the code of a lost connection for an alert that comes
    /// after the handshake (TLS 1.3 refuses a client's certificate there), so its words decide.
    public init?(_ error: KafkaError) {
        let isTLS = error.name == "_SSL" || error.message.range(ofBytes: "SSL alert number") != nil
        switch error.name {
        case "_AUTHENTICATION", "SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM",
            "ILLEGAL_SASL_STATE":
            self = .login
        case _ where Self.encryptionSigns.contains { error.message.range(ofBytes: $0) != nil }:
            self = .isEncrypted
        case _ where isTLS && error.message.range(ofBytes: "certificate verify failed") != nil:
            self = .brokerCertificate
        case _ where isTLS: self = .clientCertificate
        default: return nil
        }
    }

    private static let encryptionSigns = [
        "connecting to a PLAINTEXT broker listener", "connecting to a SSL listener", "wrong version number",
    ]

    /// What a person does about it; names properties as a Java client has them.
    public var remedy: String {
        switch self {
        case .brokerCertificate:
            "the authority of the broker's certificate must be in ssl.truststore.certificates or "
                + "ssl.truststore.location (type PEM), and the certificate must name the host of bootstrap.servers; "
                + "openssl s_client -connect HOST:PORT -CAfile FILE -verify_hostname HOST tells which is not so"
        case .clientCertificate:
            "the listener wants a certificate of the client that its truststore knows: give "
                + "ssl.keystore.certificate.chain and ssl.keystore.key, or ssl.keystore.location (type PEM or PKCS12)"
        case .isEncrypted:
            "security.protocol does not fit the listener: SSL or SASL_SSL for one with TLS, PLAINTEXT or "
                + "SASL_PLAINTEXT for one without"
        case .login:
            "correct user and password in sasl.jaas.config, and sasl.mechanism; the brokers' log has the reason"
        }
    }
}
