import Formats
import HTTPRequests

/// Converters whose schemas are in a registry, with the properties that Confluent's and Apicurio's have.
extension PropertyReader {
    /// How keys and values are read.
    mutating func converters() -> RecordConverters {
        var converters = RecordConverters()
        switch converter(PropertyCatalog.keyConverter, schemas: PropertyCatalog.keySchemas) {
        case .plain(let converter): converters.key = converter
        case .registry(let known):
            converters.keyRegistry = registryConverter(PropertyCatalog.keyConverter.name, known)
        }
        if case .registry(let known) = converter(
            PropertyCatalog.valueConverter,
            schemas: PropertyCatalog.valueSchemas
        ) {
            converters.valueRegistry = registryConverter(PropertyCatalog.valueConverter.name, known)
        }
        return converters
    }

    /// The converter of keys or values; what a plain one's file has beside it is taken, too.
    private mutating func converter(
        _ property: Property<NamedConverter>,
        schemas: Property<Bool>
    ) -> NamedConverter {
        let isNamed = peek(property) != nil
        let problemCount = problemCount
        let converter = read(property)
        guard case .plain(let plain) = converter else { return converter }
        // Schemas are recognised by the shape of the JSON; the value is checked all the same.
        _ = read(schemas)
        guard isNamed else { return converter }
        let isRefused = self.problemCount > problemCount
        for name in given(prefix: property.name + ".").map({ "\(property.name).\($0)" }) {
            if isRefused {
                // What belongs to a converter that is not there is no problem of its own.
                _ = take(name)
            } else if PropertyCatalog.find(name)?.names.contains(name) != true {
                // A file may have been another converter's before, and a converter passes over what it does not know.
                _ = take(name)
                note(name, "\(plain.name) does not read it")
            }
        }
        return converter
    }

    private mutating func registryConverter(
        _ property: String,
        _ known: RegistryConverterClass
    ) -> RegistryConverter {
        var options = RegistryOptions(takeAll(prefix: property + "."), of: known)
        let converter = options.converter()
        for problem in options.problems { add("\(property).\(problem.name)", nil, problem.reason) }
        for name in options.rest.keys {
            note(
                "\(property).\(name)",
                "it does not change how \(known.isApicurio ? "Apicurio's" : "Confluent's") data are read"
            )
        }
        return converter
    }
}

/// What stands after a registry converter's prefix.
struct RegistryOptions {
    private(set) var rest: [String: String]
    private(set) var problems: [(name: String, reason: String)] = []
    private let known: RegistryConverterClass

    init(_ given: [String: String], of known: RegistryConverterClass) {
        rest = given
        self.known = known
    }

    mutating func converter() -> RegistryConverter {
        refuseWhatChangesRows()
        // It is JsonConverter's, and stands beside each converter in files that were copied.
        _ = take("schemas.enable")
        if known.isApicurio { return apicurio() }
        var credentials = tls(["schema.registry.ssl.", "ssl."])
        confluentLogin(&credentials)
        let urls = self.urls("schema.registry.url")
        return RegistryConverter(
            known.encoding,
            .confluent,
            RegistryAccess(.confluent, urls: urls, credentials: credentials)
        )
    }

    /// Properties with which the converters themselves read other values.
    private mutating func refuseWhatChangesRows() {
        for (name, harmless) in [
            ("replace.null.with.default", "false"), ("generalized.sum.type.support", "false"),
            ("rule.executors", ""),
        ] {
            guard let value = take(name), value.trimmed.lowercasedASCII != harmless else { continue }
            refuse(name, "is not supported by this version: values are taken as they were written")
        }
    }

    // MARK: Confluent

    private mutating func confluentLogin(_ credentials: inout HTTPCredentials) {
        let source = take("basic.auth.credentials.source")?.trimmed.uppercasedASCII
        let former = take("schema.registry.basic.auth.user.info")
        let user = take("basic.auth.user.info") ?? former
        switch source {
        case nil, "URL", "USER_INFO":
            if let user, source != "URL" {
                let parts = user.parts(at: ":", limit: 2, keepingEmpty: true)
                credentials.userName = parts.first
                credentials.password = parts.count == 2 ? parts[1] : nil
                if parts.count != 2 { refuse("basic.auth.user.info", "must be NAME:PASSWORD") }
            } else if source == "USER_INFO" {
                refuse("basic.auth.user.info", "is missing, and basic.auth.credentials.source says USER_INFO")
            }
        default:
            refuse("basic.auth.credentials.source", "must be URL or USER_INFO; write the login there")
        }
        let bearer = take("bearer.auth.credentials.source")?.trimmed.uppercasedASCII
        let token = take("bearer.auth.token")
        switch bearer {
        case nil, "STATIC_TOKEN":
            if let token {
                credentials.token = token.trimmed
                if credentials.userName != nil {
                    refuse("bearer.auth.token", "stands beside basic.auth.user.info; give one of them")
                }
            } else if bearer != nil {
                refuse(
                    "bearer.auth.token",
                    "is missing, and bearer.auth.credentials.source says STATIC_TOKEN"
                )
            }
        default:
            refuse(
                "bearer.auth.credentials.source",
                "must be STATIC_TOKEN: this version fetches no tokens; write one as ${file:PATH:KEY}"
            )
        }
    }

    // MARK: Apicurio

    private mutating func apicurio() -> RegistryConverter {
        var credentials = tls([
            "apicurio.registry.request.ssl.", "apicurio.registry.tls.", "apicurio.rest.request.ssl.",
        ])
        if let bundle = take("apicurio.rest.request.ssl.ca-bundle.location") { credentials.caFile = bundle }
        for prefix in ["apicurio.auth.", "apicurio.registry.auth."] {
            if let name = take(prefix + "username") { credentials.userName = name }
            if let password = take(prefix + "password") { credentials.password = password }
            for name in rest.keys.sorted() where name.begins(with: prefix) {
                rest[name] = nil
                refuse(
                    name,
                    "is not supported: this version fetches no tokens; give \(prefix)username and password"
                )
            }
        }
        for name in rest.keys.sorted()
        where name.begins(with: "apicurio.registry.headers.") && name.ends(with: ".name") {
            rest[name] = nil
            refuse(name, "is not supported: headers are read by Apicurio's own names")
        }
        let urls = self.urls("apicurio.registry.url").map { url in
            url.range(ofBytes: "/apis/") == nil ? url + "/apis/registry/v2" : url
        }
        let version = urls.contains { $0.range(ofBytes: "/apis/registry/v3") != nil } ? 3 : 2
        var usesContentID = version == 3
        switch take("apicurio.registry.use-id")?.trimmed {
        case nil: break
        case "contentId": usesContentID = true
        case "globalId": usesContentID = false
        default: refuse("apicurio.registry.use-id", "must be globalId or contentId")
        }
        return RegistryConverter(
            known.encoding,
            .apicurio(usesContentID: usesContentID),
            RegistryAccess(.apicurio(version: version), urls: urls, credentials: credentials)
        )
    }

    // MARK: What both have

    private mutating func urls(_ name: String) -> [String] {
        let given = (take(name) ?? "").parts(at: ",").map(\.trimmed).filter { !$0.isEmpty }
        guard !given.isEmpty else {
            refuse(name, "is missing: where the schemas are, such as http://registry:8081")
            return []
        }
        var urls: [String] = []
        for url in given {
            guard url.begins(with: "http://") || url.begins(with: "https://") else {
                refuse(name, "must be URLs that begin with http:// or https://, separated by commas")
                return []
            }
            urls.append(HTTPBase(url).url)
        }
        return urls
    }

    /// The files of TLS, from properties of Java's under one of the prefixes.
    private mutating func tls(_ prefixes: [String]) -> HTTPCredentials {
        var credentials = HTTPCredentials()
        for prefix in prefixes {
            let trustType = take(prefix + "truststore.type")?.uppercasedASCII
            if let path = take(prefix + "truststore.location") {
                if isPEM(path, trustType) {
                    credentials.caFile = path
                } else {
                    refuse(
                        prefix + "truststore.location",
                        "is a Java key store, which only Java reads: write its certificates to a PEM file with "
                            + "keytool -list -rfc -keystore FILE, and say truststore.type=PEM"
                    )
                }
            }
            // A PEM file has none, and a key store is refused by its location.
            _ = take(prefix + "truststore.password")
            let keyType = take(prefix + "keystore.type")?.uppercasedASCII
            if let path = take(prefix + "keystore.location") {
                if isPEM(path, keyType) {
                    credentials.certificateFile = path
                } else {
                    refuse(
                        prefix + "keystore.location",
                        "is a Java key store, which only Java reads: write certificate and key to a PEM file, and say "
                            + "keystore.type=PEM"
                    )
                }
            }
            _ = take(prefix + "keystore.password")
            if let password = take(prefix + "key.password") { credentials.keyPassword = password }
            for name in ["truststore.certificates", "keystore.key", "keystore.certificate.chain"] {
                guard take(prefix + name) != nil else { continue }
                refuse(
                    prefix + name,
                    "is not supported: name a PEM file as truststore.location or keystore.location"
                )
            }
            if let algorithm = take(prefix + "endpoint.identification.algorithm"),
                algorithm.lowercasedASCII != "https"
            {
                refuse(
                    prefix + "endpoint.identification.algorithm",
                    "must be https: a server's name is always checked"
                )
            }
        }
        return credentials
    }

    private func isPEM(_ path: String, _ type: String?) -> Bool {
        type == "PEM"
            || (type == nil
                && (path.ends(with: ".pem") || path.ends(with: ".crt") || path.ends(with: ".cer")))
    }

    private mutating func take(_ name: String) -> String? { rest.removeValue(forKey: name) }

    private mutating func refuse(_ name: String, _ reason: String) {
        problems.append((name, reason))
    }
}
