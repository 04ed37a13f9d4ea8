import Synchronization
import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct LaterTests {
        /// Lets answers wait until another question comes.
        private final class Gate: Sendable {
            private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

            var count: Int { waiting.withLock { $0.count } }

            func wait() async {
                await withCheckedContinuation { continuation in waiting.withLock { $0.append(continuation) } }
            }

            func open() {
                let all = waiting.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
                for one in all { one.resume() }
            }

            var routes: [HTTPRoute] {
                [
                    HTTPRoute(.put, "/wait/:name") { question in
                        await self.wait()
                        return .text("\(question["name"] ?? "") \(question.body.count)", status: 202)
                    },
                    HTTPRoute(.get, "/count") { _ in .text("\(self.count)") },
                    HTTPRoute(.post, "/open") { _ in
                        self.open()
                        return .text("open")
                    },
                ]
            }

            /// Waits until so many answers wait.
            func until(_ count: Int) async throws {
                let end = ContinuousClock.now + .seconds(20)
                while self.count < count {
                    try #require(ContinuousClock.now < end, "\(self.count) of \(count) wait")
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }

        private static func order(_ name: String) -> String {
            "PUT /wait/\(name) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        }

        @Test func `others are answered while an answer is waited for, and its connection goes on`()
            async throws
        {
            let gate = Gate()
            try await withServer(routes: gate.routes) { server in
                let clients = try (0..<4).map { _ in try server.client() }
                for (number, client) in clients.enumerated() { client.send(Self.order("\(number)")) }
                try await gate.until(4)
                #expect(try server.ask("GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n").body == "4\n")
                #expect(try server.ask("POST /open HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200)
                for (number, client) in clients.enumerated() {
                    let reply = try client.reply()
                    #expect(reply.status == 202)
                    #expect(reply.body == "\(number) 3\n")
                    client.send("GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(try client.reply().body == "0\n")
                }
            }
        }

        @Test func `a client that is gone before its answer takes nothing with it`() async throws {
            let gate = Gate()
            try await withServer(routes: gate.routes) { server in
                do {
                    let client = try server.client()
                    client.send(Self.order("gone"))
                    try await gate.until(1)
                }
                gate.open()
                #expect(try server.ask("GET /count HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200)
            }
        }

        @Test func `a server that ends refuses what is not answered by its deadline`() async throws {
            let gate = Gate()
            var limits = HTTPLimits()
            limits.endDeadline = .milliseconds(200)
            let server = try await TestServer.start(limits: limits, routes: gate.routes)
            let client = try server.client()
            client.send(Self.order("late"))
            try await gate.until(1)
            try await server.end()
            _ = try? client.readToEnd()
            // An answer that comes afterwards meets no connection.
            gate.open()
        }
    }
}
