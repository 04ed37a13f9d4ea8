import HTTPServer
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8090", "127.0.0.1", 8090), ("localhost:1", "localhost", 1), ("[::1]:8090", "::1", 8090),
        ("0.0.0.0:0", "0.0.0.0", 0), ("unix:8090", "unix", 8090),
    ])
    func `host and port are read`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.path == nil)
        #expect(address.description == text)
    }

    @Test func `a Unix socket is read`() throws {
        let address = try #require(ListenAddress("unix:/run/handover/sink.sock"))
        #expect(address.path == "/run/handover/sink.sock")
        #expect(address.description == "unix:/run/handover/sink.sock")
        #expect(ListenAddress("unix:/" + String(repeating: "x", count: 106)) != nil)
    }

    @Test(arguments: [
        "", "8090", ":8090", "host:", "host:65536", "host:-1", "host:+1", "::1:8090", "host:x", "[]:1",
        "[::1:1",
        "host :1", "host\n:1", "unix:", "unix:/", "unix:run", "unix:/" + String(repeating: "x", count: 107),
    ])
    func `anything else is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.8.9.10:1", true), ("[::1]:1", true), ("localhost:1", true),
        ("unix:/run/x", true), ("0.0.0.0:1", false), ("[::]:1", false), ("10.0.0.1:1", false),
        ("127.example:1", false), ("localhost.example:1", false),
    ])
    func `what only this machine reaches is loopback`(text: String, isLoopback: Bool) throws {
        #expect(try #require(ListenAddress(text)).isLoopback == isLoopback)
    }
}
