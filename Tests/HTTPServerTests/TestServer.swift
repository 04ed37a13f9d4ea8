import Logs
import Testing

@testable import HTTPServer

/// Everything that needs a running server: one at a time, since some of it is about time, and some about load.
@Suite(.serialized) struct LiveTests {}

/// A server that listens while a test runs.
struct TestServer {
    /// `127.0.0.1:12345`, or where it listens otherwise.
    let place: String
    private let task: Task<Void, any Error>

    var port: UInt16 {
        UInt16(place.utf8.split(separator: UInt8(ascii: ":")).last.map { String($0) ?? "" } ?? "") ?? 0
    }

    /// A client that is connected.
    func client(_ deadline: Duration = .seconds(60)) throws -> TestClient {
        if place.utf8.starts(with: "unix:".utf8) {
            return try TestClient(path: String(place.dropFirst(5)), deadline: deadline)
        }
        return try TestClient(port: port, deadline: deadline)
    }

    /// Sends a request on a connection of its own.
    func ask(_ request: String) throws -> TestReply {
        let client = try client()
        client.send(request)
        return try client.reply()
    }

    /// Asks the service to end, and waits until it has.
    func end() async throws {
        task.cancel()
        try await task.value
    }

    /// Asks the service to end.
    func beginEnd() { task.cancel() }

    /// More than the kernel keeps for a client that does not read.
    private static let large = String(
        decoding: [UInt8](repeating: UInt8(ascii: "x"), count: 32 * 1_048_576),
        as: UTF8.self
    )

    static let routes = [
        HTTPRoute(.get, "/health") { _ in .text("ok") },
        HTTPRoute(.get, "/echo/:name") { .text("\($0["name"] ?? "") \($0.query("q") ?? "none")") },
        HTTPRoute(.get, "/large") { _ in .text(large) },
        HTTPRoute(.get, "/json") { _ in .json(["b": 1, "a": 2]) },
        HTTPRoute(.get, "/bad") { _ in HTTPAnswer(body: "", headers: ["X-Bad": "a\r\nSet-Cookie: b"]) },
        HTTPRoute(.put, "/pause") { .text("paused \($0.body.count)") },
        HTTPRoute(.post, "/echo") { HTTPAnswer(status: 202, body: String(decoding: $0.body, as: UTF8.self)) },
        HTTPRoute(.delete, "/one") { _ in HTTPAnswer(status: 204, body: "") },
        HTTPRoute(.patch, "/one") { _ in .text("patched") },
    ]

    /// Starts a server, and returns once it listens.
    static func start(
        _ listen: String = "127.0.0.1:0",
        access: HTTPAccess = HTTPAccess(),
        limits: HTTPLimits = HTTPLimits(),
        routes: [HTTPRoute] = routes
    ) async throws -> TestServer {
        let address = try #require(ListenAddress(listen))
        var service = HTTPService(
            listen: address,
            access: access,
            limits: limits,
            logger: Logger(label: "test"),
            routes: routes
        )
        let (places, continuation) = AsyncStream<String>.makeStream()
        service.announce = { continuation.yield($0) }
        let running = service
        let task = Task {
            defer { continuation.finish() }
            try await running.run()
        }
        for await place in places { return TestServer(place: place, task: task) }
        try await task.value
        throw CancellationError()
    }
}

/// Runs a test with a server, which ends with it.
func withServer(
    _ listen: String = "127.0.0.1:0",
    access: HTTPAccess = HTTPAccess(),
    limits: HTTPLimits = HTTPLimits(),
    routes: [HTTPRoute] = TestServer.routes,
    _ body: (TestServer) async throws -> Void
) async throws {
    let server = try await TestServer.start(listen, access: access, limits: limits, routes: routes)
    do {
        try await body(server)
    } catch {
        try? await server.end()
        throw error
    }
    try await server.end()
}
