import Testing

@testable import Sink

struct SecrecyTests {
    @Test(arguments: [nil, "disable", "allow", "prefer", "require"])
    func `an unencrypted session with another machine is said, with the way out`(mode: String?) {
        let text = Secrecy.ofDestination(isEncrypted: false, isLocal: false, mode: mode)
        #expect(text?.hasPrefix("is not encrypted") == true)
        #expect(text?.contains("sslmode=verify-full") == true)
        #expect(Secrecy.ofDestination(isEncrypted: false, isLocal: true, mode: mode) == nil)
    }

    @Test(arguments: [
        (nil, "sslmode=prefer"), ("allow", "sslmode=allow"), ("require", "unless a root certificate"),
        ("verify-ca", "any host"),
    ])
    func `encryption that somebody on the way can take away is said`(mode: String?, what: String) {
        let text = Secrecy.ofDestination(isEncrypted: true, isLocal: false, mode: mode)
        #expect(text?.contains(what) == true, "\(text ?? "")")
    }

    @Test func `a session whose server is verified is fine`() {
        #expect(Secrecy.ofDestination(isEncrypted: true, isLocal: false, mode: "verify-full") == nil)
    }

    @Test(
        arguments: [
            ("b:9092", nil, true), ("127.0.0.1:9092, b:9092", "PLAINTEXT", true),
            ("b:9092", "SASL_PLAINTEXT", true), ("127.example.org:9092", nil, true), ("b:9092", "ssl", false),
            ("b:9092", "SASL_SSL", false), ("127.0.0.1:9092,localhost:9093,[::1]:9094", nil, false),
        ] as [(String, String?, Bool)]
    )
    func `brokers on other machines without TLS are said`(
        servers: String,
        security: String?,
        expected: Bool
    ) {
        #expect((Secrecy.ofBrokers(servers, protocol: security) != nil) == expected)
    }
}
