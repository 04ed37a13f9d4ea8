import Shared
import Testing

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8090", "127.0.0.1", 8090), ("localhost:1", "localhost", 1), ("[::1]:8090", "::1", 8090),
        ("0.0.0.0:0", "0.0.0.0", 0),
    ])
    func `host and port are read`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(arguments: ["", "8090", ":8090", "host:", "host:65536", "host:-1", "::1:8090", "host:x"])
    func `anything else is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
