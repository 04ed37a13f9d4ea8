import Cluster
import HTTPRequests
import Testing

struct RESTClientTests {
    @Test(
        arguments: [
            ("http://127.0.0.1:1/a?token=hidden", "http://127.0.0.1:1/a?…", "cannot connect"),
            ("http://u:hidden@127.0.0.1:1", "http://127.0.0.1:1", "cannot connect"),
            ("127.0.0.1:8090", "127.0.0.1:8090", "not a URL such as http://127.0.0.1:8090"),
            ("u:hidden@host", "…@host", "not a URL such as http://127.0.0.1:8090"),
            ("\u{1B}[2J", "\\u{1b}[2J", "not a URL such as http://127.0.0.1:8090"),
        ]
    )
    func `a failure has its reason and no secret`(url: String, shown: String, reason: String) async throws {
        let client = RESTClient(timeout: .seconds(5))
        let error = await #expect(throws: ClusterError.self) { try await client.send("GET", url) }
        #expect(error?.url == shown)
        #expect(error?.reason == reason)
        #expect(error?.status == nil)
    }

    @Test func `a part without servers says so`() async throws {
        let error = await #expect(throws: ClusterError.self) {
            try await ConnectClient(servers: []).status(of: "a/b ä")
        }
        #expect(error?.description == "/connectors/a%2Fb%20%C3%A4/status: no server is configured")
    }

    @Test func `the last server's failure is told`() async throws {
        let servers = ["unix:/nonexistent/a.sock", "http://127.0.0.1:1/"]
        let error = await #expect(throws: ClusterError.self) {
            try await PatroniClient(servers: servers).cluster()
        }
        #expect(error?.description == "http://127.0.0.1:1/cluster: cannot connect")
    }

    @Test func `an error shows no secret and steers no terminal`() {
        let error = ClusterError(url: "http://u:hidden@a/x?hidden", reason: "a\u{1B}[2J\r\nb", status: 500)
        #expect(error.description == "http://a/x?…: a\\u{1b}[2J\\r\\nb")
        #expect(ClusterError(url: error.url, reason: error.reason).description == error.description)
    }
}
