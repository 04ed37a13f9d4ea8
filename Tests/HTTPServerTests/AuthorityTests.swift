import Testing

@testable import HTTPServer

@Suite struct AuthorityTests {
    @Test(
        arguments: [
            ("localhost", "localhost", nil), ("LocalHost:80", "localhost", 80),
            ("a.example.", "a.example", nil),
            ("a.example.:1", "a.example", 1), ("a_b-c.example", "a_b-c.example", nil),
            ("1.2.3", "1.2.3", nil),
            ("1.2.3.4.5", "1.2.3.4.5", nil), ("0x7f.1", "0x7f.1", nil),
        ] as [(String, String, UInt16?)]
    )
    func `a name is read in small letters without the dot of the root`(
        text: String,
        name: String,
        port: UInt16?
    )
        throws
    {
        let authority = try #require(Authority(Array(text.utf8)))
        #expect(authority.host == .name(Array(name.utf8)))
        #expect(authority.port == port)
    }

    @Test(
        arguments: [("127.0.0.1", nil), ("127.0.0.1:8090", 8090), ("127.0.0.1.:8090", 8090)]
            as [(String, UInt16?)]
    )
    func `an IPv4 address is read`(text: String, port: UInt16?) throws {
        let authority = try #require(Authority(Array(text.utf8)))
        #expect(authority.host == .ipv4(0x7f00_0001))
        #expect(authority.port == port)
    }

    @Test func `an IPv6 address is read within brackets`() throws {
        let authority = try #require(Authority(Array("[::1]:8090".utf8)))
        #expect(authority.host == .ipv6(Array(repeating: 0, count: 15) + [1]))
        #expect(authority.port == 8090)
        #expect(try #require(Authority(Array("[::FFFF:127.0.0.1]".utf8))).host.isLoopback)
        #expect(try #require(Authority(Array("[::ffff:10.0.0.1]".utf8))).host.isLoopback == false)
    }

    @Test(arguments: [
        "", ".", "::1", "[::1", "[::1]8090", "[localhost]", "[::1%eth0]", "a b", "a/b", "a@b", "a:b", "a:",
        "a:65536",
        "a:1:2", "a\0", "ä", "a,b", "http://a", String(repeating: "a", count: 262),
    ])
    func `anything else is refused`(text: String) {
        #expect(Authority(Array(text.utf8)) == nil)
    }
}
