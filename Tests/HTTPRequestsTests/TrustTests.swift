import Foundation
import Testing

@testable import HTTPRequests

@Suite(.timeLimit(.minutes(10)))
struct TrustTests {
    private let server: TestServer

    init() throws {
        server = try TestServer.running()
    }

    private func status(_ url: String, _ credentials: HTTPCredentials) async throws(HTTPRequestError)
        -> HTTPReply
    {
        try await HTTPClient(timeout: .seconds(120), credentials: credentials).send("GET", url)
    }

    private func failed(_ url: String, _ credentials: HTTPCredentials) async throws -> HTTPRequestError {
        let error = try await failure { () async throws(HTTPRequestError) in
            try await status(url, credentials)
        }
        #expect(error.cause == .notTrusted)
        return error
    }

    @Test func `the right authority is trusted by address and name`() async throws {
        #expect(try await status(server.https("good"), server.credentials()).text == "ok")
        let name = "https://localhost:\(server.port("good"))/status"
        #expect(try await status(name, server.credentials()).text == "ok")
    }

    @Test func `another authority is not trusted`() async throws {
        for ca in ["otherca.pem", nil] {
            let error = try await failed(server.https("good"), server.credentials(ca: ca))
            #expect(error.reason.contains("no trusted authority has signed"))
        }
    }

    @Test(
        arguments: [
            ("expired", "has expired"), ("elsewhere", "other host names"), ("selfsigned", "self-signed"),
            ("old", "TLS 1.2 or later"),
        ]
    )
    func `a server that proves nothing is not trusted`(name: String, words: String) async throws {
        let error = try await failed(server.https(name), server.credentials())
        #expect(error.reason.contains(words))
        #expect(error.detail?.isEmpty == false)
    }

    @Test func `a self-signed certificate is trusted as a CA file`() async throws {
        let credentials = server.credentials(ca: "selfsigned.pem")
        #expect(try await status(server.https("selfsigned"), credentials).text == "ok")
    }

    @Test func `a trusted server is no reason to trust the next`() async throws {
        #expect(try await status(server.https("good"), server.credentials()).text == "ok")
        // The first one's connection is still open.
        let error = try await failed(server.https("good"), server.credentials(ca: "otherca.pem"))
        #expect(error.reason.contains("no trusted authority has signed"))
    }

    @Test func `a renewed CA file counts at once`() async throws {
        let file = server.folder + "/renewed.pem"
        let credentials = server.credentials(ca: "renewed.pem")
        // On a thread of its own no other file comes between.
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(120), credentials: credentials, thread: thread)
        let url = server.https("good")
        try write(from: "otherca.pem", to: file)
        let error = try await failure { () async throws(HTTPRequestError) in
            try await client.send("GET", url)
        }
        #expect(error.cause == .notTrusted)
        try write(from: "ca.pem", to: file)
        #expect(try await client.send("GET", url).text == "ok")
        thread.end()
    }

    private func write(from name: String, to file: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: "\(server.folder)/\(name)")).write(
            to: URL(fileURLWithPath: file)
        )
    }

    @Test(arguments: ["mutual12", "mutual13"])
    func `a server that asks for a client certificate gets it`(name: String) async throws {
        let url = server.https(name)
        let pair = server.credentials(certificate: "client.pem", key: "client.key")
        #expect(try await status(url, pair).text == "ok")
        #expect(try await status(url, server.credentials(certificate: "pair.pem")).text == "ok")
        var locked = server.credentials(certificate: "client.pem", key: "locked.key")
        locked.keyPassword = "key-secret"
        #expect(try await status(url, locked).text == "ok")
    }

    @Test(arguments: ["mutual12", "mutual13"])
    func `a server that asks for a client certificate refuses others`(name: String) async throws {
        let missing = try await failed(server.https(name), server.credentials())
        #expect(missing.reason.contains("client certificate"))
        let wrong = server.credentials(certificate: "otherclient.pem", key: "otherclient.key")
        #expect(try await failed(server.https(name), wrong).reason.contains("does not accept"))
    }

    @Test(
        arguments: [
            ("missing.pem", nil, nil, "cannot read the CA file"),
            ("ca.pem", "missing.pem", nil, "cannot read the client"),
            ("ca.pem", "client.pem", "missing.key", "cannot read the client key"),
            ("garbage.pem", nil, nil, "holds no PEM certificate"),
            ("ca.pem", "garbage.pem", "client.key", "is no PEM certificate"),
            ("ca.pem", "client.pem", "garbage.pem", "is no PEM key"),
            ("ca.pem", "client.pem", "otherclient.key", "is of another certificate"),
            ("ca.pem", "client.pem", "locked.key", "encrypted with a password"),
        ] as [(String, String?, String?, String)]
    )
    func `a file that cannot be used is named`(
        ca: String,
        certificate: String?,
        key: String?,
        words: String
    ) async throws {
        let credentials = server.credentials(ca: ca, certificate: certificate, key: key)
        let error = try await failed(server.https("mutual13"), credentials)
        #expect(error.reason.contains(words))
        #expect(error.reason.contains(server.folder))
    }

    @Test func `a key is proven anew for each request`() async throws {
        let thread = RequestThread()
        let url = server.https("mutual13")
        for (key, isRight) in [("client.key", true), ("otherclient.key", false), ("client.key", true)] {
            let credentials = server.credentials(certificate: "client.pem", key: key)
            let client = HTTPClient(timeout: .seconds(120), credentials: credentials, thread: thread)
            let reply = try? await client.send("GET", url)
            #expect((reply != nil) == isRight)
        }
        thread.end()
    }

    @Test func `a wrong password of a key is said and not shown`() async throws {
        var credentials = server.credentials(certificate: "client.pem", key: "locked.key")
        credentials.keyPassword = "hidden"
        let error = try await failed(server.https("mutual13"), credentials)
        #expect(error.reason.contains("encrypted with another password"))
        #expect(!"\(error)".contains("hidden"))
    }

    @Test func `a port without TLS is told`() async throws {
        let error = try await failed(server.https("garbage"), server.credentials())
        #expect(error.reason.contains("does not speak TLS"))
    }
}
