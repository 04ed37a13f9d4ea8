/// TLS and SASL as a Java client is told, in librdkafka's properties.
///
/// Only exact mappings are made; for anything else the problem names the way out. Names that both clients share
/// (`security.protocol`, `sasl.mechanism`, `ssl.key.password`…) and librdkafka's own are left as they are.
struct KafkaSecurity {
    /// What librdkafka gets: what was given, with the Java names replaced.
    private(set) var properties: [String: String]
    /// What cannot be mapped, by the property's name.
    private(set) var problems: [(name: String, reason: String)] = []

    init(_ given: [String: String]) {
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
        if type?.uppercased() == "PEM" { return set("ssl.ca.location", path, "ssl.truststore.location") }
        refuse(
            "ssl.truststore.location",
            "is a Java key store, which only Java reads: write its certificates to a PEM file with "
                + "keytool -list -rfc -keystore FILE and give that as ssl.ca.location"
        )
    }

    private mutating func mapKeyStore() {
        let type = take("ssl.keystore.type")?.uppercased()
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
        case nil where path.hasSuffix(".p12") || path.hasSuffix(".pfx"): return
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
        let mechanism = (properties["sasl.mechanism"] ?? properties["sasl.mechanisms"])?.uppercased()
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

/// The user and password in a value of `sasl.jaas.config`.
///
/// The grammar is that of Java's login configuration: `Class flag name="value" …;`.
struct JAASLogin: Equatable {
    /// Why a value cannot be used; holds no part of it, because it may be a password.
    struct Failure: Error, Equatable {
        let reason: String
    }

    /// The mechanisms of SASL that the module is for.
    let mechanisms: [String]
    let username: String
    let password: String

    init(_ text: String) throws(Failure) {
        var words = try Self.words(text)
        guard words.last == .end, words.count >= 3, case .word(let module) = words[0], case .word = words[1]
        else {
            throw Failure(reason: "must be a login module, a flag, options, and a semicolon at the end")
        }
        switch module {
        case "org.apache.kafka.common.security.plain.PlainLoginModule": mechanisms = ["PLAIN"]
        case "org.apache.kafka.common.security.scram.ScramLoginModule":
            mechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-512"]
        case "com.sun.security.auth.module.Krb5LoginModule":
            throw Failure(
                reason: "is for Kerberos; give sasl.kerberos.principal and sasl.kerberos.keytab instead"
            )
        case "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule":
            throw Failure(
                reason: "is for OAuth; give sasl.oauthbearer.method=oidc with sasl.oauthbearer.client.id, "
                    + "sasl.oauthbearer.client.secret and sasl.oauthbearer.token.endpoint.url instead"
            )
        default:
            throw Failure(
                reason: "names a login module that is a Java class; give librdkafka's sasl.* instead"
            )
        }
        words.removeFirst(2)
        var options: [String: String] = [:]
        while words.count > 1 {
            guard words.count >= 4, case .word(let name) = words[0], words[1] == .equals,
                case .word(let value) = words[2]
            else { throw Failure(reason: "an option must be name=\"value\"") }
            options[name] = value
            words.removeFirst(3)
        }
        guard let username = options["username"], let password = options["password"] else {
            throw Failure(reason: "lacks username or password")
        }
        guard Set(options.keys).isSubset(of: ["username", "password"]) else {
            throw Failure(
                reason: "has options besides username and password, such as those of delegation tokens"
            )
        }
        (self.username, self.password) = (username, password)
    }

    private enum Word: Equatable {
        case word(String), equals, end
    }

    /// Quoted texts may hold escaped characters, as Java's tokenizer reads them.
    private static func words(_ text: String) throws(Failure) -> [Word] {
        var words: [Word] = []
        var rest = text[...]
        while let character = rest.first {
            switch character {
            case _ where character.isWhitespace: rest.removeFirst()
            case "=":
                words.append(.equals)
                rest.removeFirst()
            case ";":
                words.append(.end)
                rest.removeFirst()
            case "\"", "'": words.append(.word(try quoted(&rest)))
            default:
                let end = rest.firstIndex { $0.isWhitespace || "=;\"'".contains($0) } ?? rest.endIndex
                words.append(.word(String(rest[..<end])))
                rest = rest[end...]
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring) throws(Failure) -> String {
        let quote = rest.removeFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote { return text }
            guard character == "\\", let escaped = rest.popFirst() else {
                text.append(character)
                continue
            }
            switch escaped {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            default: text.append(escaped)
            }
        }
        throw Failure(reason: "has a quote that does not end")
    }
}
