import Foundation
import HTTPRequests
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RequestTests {
    private let server: TestServer
    private let client = HTTPClient(timeout: .seconds(120))

    init() throws {
        server = try TestServer.running()
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE"])
    func `a request arrives as it was sent`(method: String) async throws {
        let text = #"{"name": "ä\u0000"}"#
        let reply = try await client.send(method, server.http("plain", "/echo?a=%20b"), json: text)
        let echo = try Echo(reply)
        #expect(reply.status == 200)
        #expect(echo.method == method)
        #expect(echo.path == "/echo?a=%20b")
        #expect(echo.body == text)
        #expect(echo.header("content-type") == "application/json")
        #expect(echo.header("user-agent") == "handover")
        #expect(echo.header("expect") == nil)
        #expect(echo.header("accept-encoding") == nil)
        #expect(echo.header("authorization") == nil)
        #expect(echo.header("cookie") == nil)
    }

    @Test(arguments: [("GET", nil), ("DELETE", nil), ("POST", "0"), ("PUT", "0")] as [(String, String?)])
    func `a request without a body says so`(method: String, length: String?) async throws {
        let echo = try Echo(try await client.send(method, server.http("plain", "/echo")))
        #expect(echo.method == method)
        #expect(echo.header("content-length") == length)
        #expect(echo.header("content-type") == nil)
        #expect(echo.header("transfer-encoding") == nil)
    }

    @Test func `a body is bytes of any type, with NUL and large`() async throws {
        var body = Array("a\0b".utf8)
        let url = server.http("plain", "/echo")
        let echo = try Echo(try await client.send("PUT", url, body: body, contentType: "text/plain"))
        #expect(echo.body == "a\0b")
        #expect(echo.header("content-type") == "text/plain")
        body = Array(repeating: UInt8(ascii: "x"), count: 2 << 20)
        let large = try Echo(try await client.send("POST", url, body: body))
        #expect(large.body.utf8.count == body.count)
        #expect(large.header("expect") == nil)
    }

    @Test(arguments: [200, 204, 304, 401, 404, 409, 500, 503])
    func `every status is a reply`(status: Int) async throws {
        #expect(try await client.send("GET", server.http("plain", "/status?n=\(status)")).status == status)
    }

    @Test func `a HEAD has no body`() async throws {
        let reply = try await client.send("HEAD", server.http("plain", "/status"))
        #expect(reply == HTTPReply(status: 200, body: []))
    }

    @Test func `a redirect is a reply and is not followed`() async throws {
        var credentials = HTTPCredentials()
        credentials.token = "t"
        let client = HTTPClient(timeout: .seconds(120), credentials: credentials)
        for target in [server.http("other", "/echo"), server.http("plain", "/echo"), "file:///etc/passwd"] {
            let reply = try await client.send("GET", server.http("plain", "/redirect?to=\(target)"))
            #expect(reply == HTTPReply(status: 302, body: Array("moved".utf8)))
        }
    }

    @Test func `a cookie is not sent back`() async throws {
        #expect(try await client.send("GET", server.http("plain", "/cookie")).status == 200)
        let echo = try Echo(try await client.send("GET", server.http("plain", "/echo")))
        #expect(echo.header("cookie") == nil)
    }

    @Test func `a server answers on a Unix socket`() async throws {
        let base = HTTPBase("unix:\(server.folder)/a b.sock").url
        #expect(try Echo(try await client.send("GET", base + "/echo?x")).path == "/echo?x")
        let missing = HTTPBase("unix:\(server.folder)/missing.sock").url + "/echo"
        let error = try await failure { () async throws(HTTPRequestError) in
            try await client.send("GET", missing)
        }
        #expect(error.cause == .cannotConnect)
        #expect(error.url == missing)
    }

    @Test func `dots in a path are sent as they are`() async throws {
        // Without the dots it would be /echo.
        #expect(try await client.send("GET", server.http("plain", "/a/../echo")).status == 404)
    }

    // MARK: - Who we are

    @Test func `basic authentication comes from the credentials or the URL`() async throws {
        let right = Data("ann:s3cret ä".utf8).base64EncodedString()
        let path = "/login?wanted=" + HTTPBase.segment("Basic \(right)")
        var credentials = HTTPCredentials()
        credentials.userName = "ann"
        credentials.password = "s3cret ä"
        let known = HTTPClient(timeout: .seconds(120), credentials: credentials)
        #expect(try await known.send("GET", server.http("plain", path)).status == 200)
        credentials.password = "wrong"
        let unknown = HTTPClient(timeout: .seconds(120), credentials: credentials)
        #expect(try await unknown.send("GET", server.http("plain", path)).status == 401)
        #expect(try await client.send("GET", server.http("plain", path)).status == 401)
        let user = "http://ann:s3cret%20%C3%A4@127.0.0.1:\(server.port("plain"))"
        #expect(try await client.send("GET", user + path).status == 200)
        #expect(try await unknown.send("GET", user + path).status == 200)
    }

    @Test func `a token is a bearer's`() async throws {
        var credentials = HTTPCredentials()
        credentials.token = "abc.def"
        let known = HTTPClient(timeout: .seconds(120), credentials: credentials)
        let url = server.http("plain", "/login?wanted=Bearer%20abc.def")
        #expect(try await known.send("GET", url).status == 200)
        #expect(try await client.send("GET", url).status == 401)
    }

    @Test func `files of the home are neither read nor written`() async throws {
        let echo = try Echo(try await client.send("GET", server.http("plain", "/echo")))
        #expect(echo.header("authorization") == nil)
        let files = try FileManager.default.subpathsOfDirectory(atPath: server.home).sorted()
        #expect(files == [".curlrc", ".netrc"])
    }

    @Test func `a proxy leads to other machines and not to this one`() async throws {
        let reply = try await client.send("GET", "http://192.0.2.1/status")
        #expect(reply == HTTPReply(status: 299, body: Array("proxied".utf8)))
        #expect(try await client.send("GET", server.http("plain", "/status")).status == 200)
    }

    // MARK: - Limits

    @Test(arguments: ["/bytes?n=2048", "/chunks?n=2"])
    func `a body over the limit is an error that names it`(path: String) async throws {
        var client = client
        client.limits.bodySize = 2047
        let error = try await failure { () async throws(HTTPRequestError) in
            try await client.send("GET", server.http("plain", path))
        }
        #expect(error.cause == .tooLarge)
        #expect(error.reason == "the reply's body exceeds the limit of 2047 bytes")
        client.limits.bodySize = 2048
        #expect(try await client.send("GET", server.http("plain", path)).body.count == 2048)
    }

    @Test func `a head over the limit is an error that names it`() async throws {
        var client = client
        let url = server.http("plain", "/head?n=50")
        #expect(try await client.send("GET", url).status == 200)
        client.limits.headSize = 50_000
        let error = try await failure { () async throws(HTTPRequestError) in
            try await client.send("GET", url)
        }
        #expect(error.cause == .tooLarge)
        #expect(error.reason == "the reply's head exceeds the limit of 50000 bytes")
    }
}
