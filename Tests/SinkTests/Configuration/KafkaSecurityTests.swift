import Testing

@testable import Kafka
@testable import Sink

@Suite struct KafkaSecurityTests {
    private static let scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
    private static let plain = "org.apache.kafka.common.security.plain.PlainLoginModule"

    @Test(arguments: [
        (#"\#(scram) required username="alice" password="s;e=c r\"e\\t";"#, "alice", #"s;e=c r"e\t"#),
        ("\(plain) required\n  username='bob'\n  password=x;", "bob", "x"),
        (#"\#(plain)  optional password = "ü" username = "" ;"#, "", "ü"),
    ])
    func `a login module's user and password are read`(text: String, user: String, password: String) throws {
        let login = try JAASLogin(text)
        #expect(login.username == user)
        #expect(login.password == password)
    }

    @Test(arguments: [
        "", ";", scram, "\(scram) required;", #"\#(scram) required username="a" password="b""#,
        #"\#(scram) required username="a";"#, #"\#(scram) required username="a" password="b"#,
        #"\#(scram) required username password="b";"#,
        #"\#(scram) required username="a" password="b"; \#(plain)"#,
        #"\#(scram) required username="a" password="b" tokenauth="true";"#,
        #"com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="/k" principal="p";"#,
        #"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="hush";"#,
        #"com.example.Module required username="a" password="hush";"#,
    ])
    func `what is not exactly that is refused without showing it`(text: String) {
        let failure = #expect(throws: JAASLogin.Failure.self) { try JAASLogin(text) }
        #expect(failure?.reason.contains("hush") == false)
    }

    @Test func `a Java client's SCRAM login becomes user and password`() throws {
        let configuration = try ConfigurationFixture.read([
            "consumer.override.security.protocol": "SASL_SSL",
            "consumer.override.sasl.mechanism": "SCRAM-SHA-512",
            "consumer.override.sasl.jaas.config": #"\#(Self.scram) required username="u" password="p";"#,
            "consumer.override.ssl.truststore.type": "PEM",
            "consumer.override.ssl.truststore.location": "/etc/ca.pem",
            "consumer.override.ssl.endpoint.identification.algorithm": "",
        ])
        #expect(
            configuration.brokerProperties == [
                "bootstrap.servers": "b:9092", "security.protocol": "SASL_SSL",
                "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": "u", "sasl.password": "p", "ssl.ca.location": "/etc/ca.pem",
                "ssl.endpoint.identification.algorithm": "none",
            ]
        )
    }

    @Test(arguments: [
        ["sasl.mechanism": "PLAIN"], [:], ["sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "another"],
    ])
    func `a login that fits no mechanism, or contradicts another, is refused`(others: [String: String]) {
        var given = ["sasl.jaas.config": #"\#(Self.scram) required username="u" password="hush";"#]
        given.merge(others) { _, new in new }
        let security = KafkaSecurity(given)
        #expect(security.problems.map(\.name) == ["sasl.jaas.config"])
        #expect(!security.problems[0].reason.contains("hush"))
    }

    @Test func `a PEM key store is certificate and key`() {
        let security = KafkaSecurity([
            "ssl.keystore.type": "pem", "ssl.keystore.location": "/c.pem", "ssl.key.password": "k",
        ])
        #expect(security.problems.isEmpty)
        #expect(
            security.properties
                == [
                    "ssl.certificate.location": "/c.pem", "ssl.key.location": "/c.pem",
                    "ssl.key.password": "k",
                ]
        )
    }

    @Test func `certificates inside the file are passed on`() {
        let security = KafkaSecurity([
            "ssl.truststore.type": "PEM", "ssl.truststore.certificates": "ca", "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": "chain", "ssl.keystore.key": "key",
        ])
        #expect(security.problems.isEmpty)
        #expect(
            security.properties == ["ssl.ca.pem": "ca", "ssl.certificate.pem": "chain", "ssl.key.pem": "key"]
        )
    }

    @Test(arguments: [
        ["ssl.keystore.type": "PKCS12", "ssl.keystore.location": "/k"], ["ssl.keystore.location": "/k.p12"],
    ])
    func `a PKCS#12 key store is librdkafka's own kind`(given: [String: String]) {
        let security = KafkaSecurity(given)
        #expect(security.problems.isEmpty)
        #expect(security.properties["ssl.keystore.location"] == given["ssl.keystore.location"])
    }

    @Test(arguments: [
        ("ssl.truststore.location", "keytool -list -rfc"), ("ssl.keystore.location", "-deststoretype PKCS12"),
        ("ssl.truststore.password", "remove it"), ("ssl.protocol", "remove it"),
        ("sasl.login.callback.handler.class", "Java class"),
    ])
    func `what only Java reads is refused with the way out`(name: String, way: String) throws {
        let security = KafkaSecurity([name: "/store.jks"])
        let problem = try #require(security.problems.first)
        #expect(problem.name == name)
        #expect(problem.reason.contains(way))
    }

    @Test func `other clients of the brokers get the security and nothing else`() throws {
        let configuration = try ConfigurationFixture.read([
            "consumer.override.security.protocol": "SSL", "consumer.override.fetch.min.bytes": "7",
            "consumer.override.group.id": "other",
        ])
        #expect(
            configuration.brokerProperties == ["bootstrap.servers": "b:9092", "security.protocol": "SSL"]
        )
        #expect(configuration.consumerProperties["fetch.min.bytes"] == "7")
    }
}
