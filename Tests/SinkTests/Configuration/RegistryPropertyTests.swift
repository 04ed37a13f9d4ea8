import Formats
import HTTPRequests
import Testing

@testable import Sink

/// Converters with a registry, as users write them.
struct RegistryPropertyTests {
    private static let confluent = "io.confluent.connect.avro.AvroConverter"
    private static let apicurio = "io.apicurio.registry.utils.converter.AvroConverter"

    private func value(_ name: String, _ options: [String: String]) throws -> RegistryConverter {
        var changes: [String: String?] = ["value.converter": name]
        for (option, value) in options { changes["value.converter.\(option)"] = value }
        return try #require(ConfigurationFixture.read(changes).converters.valueRegistry)
    }

    @Test func `Confluent's properties say where the registry is and who asks`() throws {
        var login = HTTPCredentials()
        (login.userName, login.password) = ("key", "sec:ret")
        var token = HTTPCredentials()
        token.token = "abc"
        var tls = HTTPCredentials()
        (tls.caFile, tls.certificateFile, tls.keyPassword) = ("/ca.pem", "/me.pem", "pw")
        for (options, credentials) in [
            (["schemas.enable": "true"], HTTPCredentials()),
            (["basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "key:sec:ret"], login),
            (["schema.registry.basic.auth.user.info": "key:sec:ret"], login),
            (
                ["basic.auth.credentials.source": "URL", "basic.auth.user.info": "key:sec:ret"],
                HTTPCredentials()
            ),
            (["bearer.auth.credentials.source": "STATIC_TOKEN", "bearer.auth.token": "abc"], token),
            (
                [
                    "schema.registry.ssl.truststore.location": "/ca.pem",
                    "schema.registry.ssl.truststore.type": "PEM",
                    "schema.registry.ssl.keystore.location": "/me.pem",
                    "schema.registry.ssl.key.password": "pw",
                ], tls
            ),
        ] {
            let options = options.merging(["schema.registry.url": "http://a:8081/, https://b"]) { $1 }
            let found = try value(Self.confluent, options)
            #expect(found.access.urls == ["http://a:8081", "https://b"])
            #expect(found.access.credentials == credentials)
            #expect(found.family == .confluent && found.encoding == .avro)
        }
    }

    @Test(
        arguments: [
            ([:], "http://r:8080", "http://r:8080/apis/registry/v2", false, 2),
            ([:], "http://r/apis/registry/v3", "http://r/apis/registry/v3", true, 3),
            (
                ["apicurio.registry.use-id": "contentId"], "http://r/apis/registry/v2",
                "http://r/apis/registry/v2", true, 2
            ),
            (
                ["apicurio.registry.as-confluent": "true", "apicurio.registry.headers.enabled": "false"],
                "http://r/apis/registry/v2", "http://r/apis/registry/v2", false, 2
            ),
        ] as [([String: String], String, String, Bool, Int)]
    )
    func `Apicurio's properties say which id names a schema`(
        options: [String: String],
        given: String,
        url: String,
        usesContentID: Bool,
        version: Int
    ) throws {
        let options = options.merging([
            "apicurio.registry.url": given, "apicurio.auth.username": "u", "apicurio.auth.password": "p",
        ]) { $1 }
        let found = try value(Self.apicurio, options)
        #expect(found.access.urls == [url] && found.access.interface == .apicurio(version: version))
        #expect(found.family == .apicurio(usesContentID: usesContentID))
        #expect(found.access.credentials.userName == "u" && found.access.credentials.password == "p")
    }

    @Test func `keys and values have converters of their own`() throws {
        let converters = try ConfigurationFixture.read([
            "key.converter": "org.apache.kafka.connect.converters.LongConverter",
            "value.converter": "io.confluent.connect.json.JsonSchemaConverter",
            "value.converter.schema.registry.url": "http://r", "value.converter.use.latest.version": "true",
        ]).converters
        #expect(converters.key == .int64 && converters.keyRegistry == nil)
        #expect(converters.valueRegistry?.encoding == .jsonSchema)
    }

    @Test(
        arguments: [
            (
                ["value.converter": "io.confluent.connect.protobuf.ProtobufConverter"], "value.converter",
                "Protobuf"
            ),
            (["value.converter": confluent], "value.converter.schema.registry.url", "missing"),
            (["schema.registry.url": "mock://x"], "value.converter.schema.registry.url", "http://"),
            (
                ["basic.auth.credentials.source": "SASL_INHERIT"],
                "value.converter.basic.auth.credentials.source", "USER_INFO"
            ),
            (["basic.auth.user.info": "s3cret"], "value.converter.basic.auth.user.info", "NAME:PASSWORD"),
            (
                ["bearer.auth.credentials.source": "OAUTHBEARER"],
                "value.converter.bearer.auth.credentials.source", "STATIC_TOKEN"
            ),
            (
                ["schema.registry.ssl.truststore.location": "/a.jks"],
                "value.converter.schema.registry.ssl.truststore.location", "keytool"
            ),
            (
                ["schema.registry.ssl.endpoint.identification.algorithm": ""],
                "value.converter.schema.registry.ssl.endpoint.identification.algorithm", "always"
            ),
        ] as [([String: String], String, String)]
    )
    func `what cannot be done is refused by name, without its value`(
        given: [String: String],
        property: String,
        part: String
    ) {
        var changes: [String: String?] = ["value.converter": Self.confluent]
        if given["value.converter"] == nil { changes["value.converter.schema.registry.url"] = "http://r" }
        for (name, value) in given {
            changes[name == "value.converter" ? name : "value.converter.\(name)"] = value
        }
        let problems = ConfigurationFixture.problems(changes)
        #expect(
            problems.count == 1 && problems[0].hasPrefix(property) && problems[0].contains(part),
            "\(problems)"
        )
        #expect(!problems.joined().contains("s3cret"))
    }
}
