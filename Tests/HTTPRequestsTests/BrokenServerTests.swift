import Testing

@testable import HTTPRequests

@Suite(.timeLimit(.minutes(10)))
struct BrokenServerTests {
    private let server: TestServer
    private let client = HTTPClient(timeout: .seconds(120))

    init() throws {
        server = try TestServer.running()
    }

    private func failed(_ url: String, _ client: HTTPClient, method: String = "GET") async throws
        -> HTTPRequestError
    {
        try await failure { () async throws(HTTPRequestError) in try await client.send(method, url) }
    }

    @Test(arguments: ["/slow-head", "/slow-body"])
    func `a server that does not answer hits the deadline`(path: String) async throws {
        let error = try await failed(server.http("plain", path), HTTPClient(timeout: .milliseconds(300)))
        #expect(error.cause == .noAnswerInTime)
        #expect(error.reason == "no answer in time")
    }

    @Test func `a machine that does not answer hits the deadline of the connection`() async throws {
        var client = HTTPClient(timeout: .seconds(3_600))
        client.limits.connectTimeout = .milliseconds(300)
        let error = try await failed(server.http("hole", "/"), client)
        #expect(error.cause == .noAnswerInTime)
    }

    @Test func `a TLS handshake that nobody answers hits the deadline of the connection`() async throws {
        var client = HTTPClient(timeout: .seconds(3_600), credentials: server.credentials())
        client.limits.connectTimeout = .milliseconds(300)
        let error = try await failed(server.https("silent"), client)
        #expect(error.cause == .noAnswerInTime)
    }

    @Test func `nobody listens`() async throws {
        let error = try await failed(server.http("nobody", "/a?b=secret"), client)
        #expect(error.cause == .cannotConnect)
        #expect(error.reason == "cannot connect")
        #expect(error.url == server.http("nobody", "/a?…"))
    }

    @Test func `a name that is none has no host`() async throws {
        // A label has at most 63 letters (RFC 1035, section 2.3.4), so no server is asked for this one.
        let error = try await failed("http://\(String(repeating: "x", count: 64)).invalid/", client)
        #expect(error.cause == .noSuchHost)
        #expect(error.reason == "no such host")
    }

    @Test(arguments: ["/cut", "/nothing"])
    func `a server that closes in the midst loses the connection`(path: String) async throws {
        let error = try await failed(server.http("plain", path), client)
        #expect(error.cause == .connectionLost)
        #expect(error.reason == "the connection was lost")
    }

    @Test func `what is no HTTP is no answer`() async throws {
        let error = try await failed(server.http("garbage", "/"), client)
        #expect(error.cause == .notHTTP)
    }

    @Test func `a request on a kept connection that is dead is sent again`() async throws {
        // This server swallows the second request on each connection.
        for method in ["GET", "GET", "PUT", "DELETE", "GET"] {
            #expect(try await client.send(method, server.http("swallowing", "/status")).status == 200)
        }
    }

    @Test func `a POST is sent once`() async throws {
        // A thread of its own keeps this connection, on which libcurl would send anew.
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(120), thread: thread)
        #expect(try await client.send("GET", server.http("plain", "/status")).status == 200)
        let error = try await failed(server.http("plain", "/nothing?id=once"), client, method: "POST")
        #expect(error.cause == .connectionLost)
        let count = try await client.send("GET", server.http("plain", "/posts?id=once"))
        #expect(count.text == "1")
        thread.end()
    }

    @Test func `no error has a secret`() async throws {
        var credentials = HTTPCredentials()
        credentials.userName = "ann"
        credentials.password = "hidden-1"
        let login = HTTPClient(timeout: .milliseconds(300), credentials: credentials)
        credentials = HTTPCredentials()
        credentials.token = "hidden-2"
        let bearer = HTTPClient(timeout: .milliseconds(300), credentials: credentials)
        for client in [login, bearer] {
            for (port, path) in [
                ("nobody", "/"), ("plain", "/cut"), ("plain", "/slow-head"), ("garbage", "/"),
            ] {
                let error = try await failed(server.http(port, path + "?t=hidden-3"), client)
                #expect(!"\(error)".contains("hidden"))
                #expect(!String(reflecting: error).contains("hidden"))
            }
        }
        let error = try await failed("http://ann:hidden-4@127.0.0.1:\(server.port("nobody"))/", client)
        #expect(!String(reflecting: error).contains("hidden"))
        #expect(error.url == server.http("nobody", "/"))
    }
}
