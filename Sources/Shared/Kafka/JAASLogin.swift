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
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            switch scalar {
            case _ where scalar.properties.isWhitespace: rest.removeFirst()
            case "=":
                words.append(.equals)
                rest.removeFirst()
            case ";":
                words.append(.end)
                rest.removeFirst()
            case "\"", "'": words.append(.word(try quoted(&rest)))
            default:
                let end =
                    rest.firstIndex { $0.properties.isWhitespace || "=;\"'".unicodeScalars.contains($0) }
                    ?? rest.endIndex
                words.append(.word(String(rest[..<end])))
                rest = rest[end...]
            }
        }
        return words
    }

    private static func quoted(_ rest: inout Substring.UnicodeScalarView) throws(Failure) -> String {
        let quote = rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == quote { return String(text) }
            guard scalar == "\\", let escaped = rest.popFirst() else {
                text.append(scalar)
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
