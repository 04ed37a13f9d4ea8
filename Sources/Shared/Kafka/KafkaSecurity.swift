/// TLS and SASL as a Java client is told, in librdkafka's properties.
///
/// Only exact mappings are made; for anything else the problem names the way out. Names that both clients share
/// (`security.protocol`, `sasl.mechanism`, `ssl.key.password`…) and librdkafka's own are left as they are.
public struct KafkaSecurity {
    /// What librdkafka gets: what was given, with the Java names replaced.
    public private(set) var properties: [String: String]
    /// What cannot be mapped, by the property's name.
    public private(set) var problems: [(name: String, reason: String)] = []

    public init(_ given: [String: String]) {
        properties = given
        mapTrustStore()
        mapKeyStore()
        mapLogin()
        // Java's empty text; librdkafka's word.
        if properties["ssl.endpoint.identification.algorithm"] == "" {
            properties["ssl.endpoint.identification.algorithm"] = "none"
        }
        for name in properties.keys.sorted() {
            if let reason = Self.refusal(of: name) { refuse(name, reason) }
        }
    }

    private static func refusal(of name: String) -> String? {
        switch name {
        case "ssl.protocol", "ssl.enabled.protocols", "ssl.provider", "ssl.keymanager.algorithm",
            "ssl.trustmanager.algorithm", "ssl.secure.random.implementation":
            return "is of Java's TLS; OpenSSL's defaults hold here: remove it"
        case "ssl.engine.factory.class", "security.providers", "sasl.client.callback.handler.class",
            "sasl.login.callback.handler.class", "sasl.login.class":
            return "names a Java class, and classes cannot be loaded here"
        default: return nil
        }
    }

    // MARK: Certificates

    private mutating func mapTrustStore() {
        let type = take("ssl.truststore.type")
        if let pem = take("ssl.truststore.certificates") {
            set("ssl.ca.pem", pem, "ssl.truststore.certificates")
        }
        if take("ssl.truststore.password") != nil {
            refuse("ssl.truststore.password", "is that of a Java key store; a PEM file has none: remove it")
        }
        guard let path = take("ssl.truststore.location") else { return }
        if type?.uppercasedASCII == "PEM" { return set("ssl.ca.location", path, "ssl.truststore.location") }
        refuse(
            "ssl.truststore.location",
            "is a Java key store, which only Java reads: write its certificates to a PEM file with "
                + "keytool -list -rfc -keystore FILE and give that as ssl.ca.location"
        )
    }

    private mutating func mapKeyStore() {
        let type = take("ssl.keystore.type")?.uppercasedASCII
        if let chain = take("ssl.keystore.certificate.chain") {
            set("ssl.certificate.pem", chain, "ssl.keystore.certificate.chain")
        }
        if let key = take("ssl.keystore.key") { set("ssl.key.pem", key, "ssl.keystore.key") }
        guard let path = properties["ssl.keystore.location"] else { return }
        switch type {
        case "PEM":
            properties["ssl.keystore.location"] = nil
            if take("ssl.keystore.password") != nil {
                refuse("ssl.keystore.password", "belongs to no PEM file; ssl.key.password is that of the key")
            }
            // One file has both; each reader takes what it is for.
            set("ssl.certificate.location", path, "ssl.keystore.location")
            set("ssl.key.location", path, "ssl.keystore.location")
        // librdkafka's property of this name is a PKCS#12 file, as is its password.
        case "PKCS12": return
        case nil where path.ends(with: ".p12") || path.ends(with: ".pfx"): return
        default:
            properties["ssl.keystore.location"] = nil
            properties["ssl.keystore.password"] = nil
            refuse(
                "ssl.keystore.location",
                "is a Java key store, which only Java reads: convert it with keytool -importkeystore -srckeystore "
                    + "FILE -destkeystore FILE.p12 -deststoretype PKCS12, and say ssl.keystore.type=PKCS12"
            )
        }
    }

    // MARK: Login

    private mutating func mapLogin() {
        guard let text = take("sasl.jaas.config") else { return }
        let login: JAASLogin
        do throws(JAASLogin.Failure) {
            login = try JAASLogin(text)
        } catch {
            return refuse("sasl.jaas.config", error.reason)
        }
        let mechanism = (properties["sasl.mechanism"] ?? properties["sasl.mechanisms"])?.uppercasedASCII
        guard let mechanism, login.mechanisms.contains(mechanism) else {
            let given = mechanism ?? "missing, and would be GSSAPI"
            let choice = login.mechanisms.joined(separator: " or ")
            return refuse("sasl.jaas.config", "is for \(choice), but sasl.mechanism is \(given)")
        }
        set("sasl.username", login.username, "sasl.jaas.config")
        set("sasl.password", login.password, "sasl.jaas.config")
    }

    // MARK: Properties

    private mutating func take(_ name: String) -> String? { properties.removeValue(forKey: name) }

    /// Sets librdkafka's property, unless it is given beside the Java one and says something else.
    private mutating func set(_ name: String, _ value: String, _ source: String) {
        if let given = properties[name], given != value {
            return refuse(source, "contradicts \(name): give one of them")
        }
        properties[name] = value
    }

    private mutating func refuse(_ name: String, _ reason: String) {
        problems.append((name, reason))
    }
}
