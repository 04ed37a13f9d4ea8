import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct LimitTests {
        private static let local = "Host: localhost\r\n"

        private var quick: HTTPLimits {
            var limits = HTTPLimits()
            (limits.headerDeadline, limits.bodyDeadline) = (.milliseconds(200), .milliseconds(200))
            (limits.answerDeadline, limits.idleDeadline) = (.milliseconds(300), .milliseconds(200))
            return limits
        }

        private func small(_ bytes: Int) -> HTTPLimits {
            var limits = HTTPLimits()
            limits.bodyBytes = bytes
            return limits
        }

        /// Sends a piece again and again until the server closes: every pause is far below the deadline.
        private func trickle(_ piece: String, _ client: TestClient) throws {
            let end = ContinuousClock.now + .seconds(4)
            while !client.isReadable(within: .milliseconds(20)), client.send(piece) {
                guard ContinuousClock.now < end else {
                    throw TestClient.Failure.closed("the server waits on")
                }
            }
            try client.readToEnd()
        }

        @Test func `a head that trickles ends at its deadline`() async throws {
            try await withServer(limits: quick) { server in
                let client = try server.client()
                client.send("GET /health HTTP/1.1\r\n")
                try trickle("X-A: b\r\n", client)
            }
        }

        @Test(arguments: ["", "G", "GET /health HTTP/1.1\r\nHost: localhost\r\n"])
        func `who stops within a head is closed`(start: String) async throws {
            try await withServer(limits: quick) { server in
                let client = try server.client()
                client.send(start)
                #expect(try client.readToEnd() == [])
            }
        }

        @Test func `a body that trickles ends at its deadline`() async throws {
            try await withServer(limits: quick) { server in
                let client = try server.client()
                client.send("PUT /pause HTTP/1.1\r\n\(Self.local)Content-Length: 100000\r\n\r\n")
                try trickle("x", client)
            }
        }

        @Test func `who asks nothing more is closed`() async throws {
            try await withServer(limits: quick) { server in
                let client = try server.client()
                client.send("GET /health HTTP/1.1\r\n\(Self.local)\r\n")
                #expect(try client.reply().status == 200)
                #expect(try client.readToEnd() == [])
            }
        }

        @Test func `who does not take the answer is closed`() async throws {
            try await withServer(limits: quick) { server in
                let client = try server.client()
                client.send("GET /large HTTP/1.1\r\n\(Self.local)\r\n")
                // What is sent on meets a closed socket at last, which the kernel says with a reset.
                let end = ContinuousClock.now + .seconds(4)
                while client.send("x"), !client.isReset(within: .milliseconds(20)) {
                    guard ContinuousClock.now < end else {
                        throw TestClient.Failure.closed("the server waits on")
                    }
                }
                #expect(try client.readToEnd().count < 32 * 1_048_576)
            }
        }

        @Test func `a body of the limit is taken, and one byte more is refused`() async throws {
            try await withServer(limits: small(1_000)) { server in
                let client = try server.client()
                let body = String(repeating: "x", count: 1_000)
                client.send("PUT /pause HTTP/1.1\r\n\(Self.local)Content-Length: 1000\r\n\r\n\(body)")
                #expect(try client.reply().body == "paused 1000\n")
                client.send("PUT /pause HTTP/1.1\r\n\(Self.local)Content-Length: 1001\r\n\r\n\(body)x")
                let refused = try client.reply()
                #expect(refused.status == 413)
                #expect(refused.headers["connection"] == "close")
                #expect(try client.readToEnd() == [])
            }
        }

        @Test func `chunks beyond the limit are refused at their end, and endless ones are cut`() async throws
        {
            try await withServer(limits: small(1_000)) { server in
                let head = "PUT /pause HTTP/1.1\r\n\(Self.local)Transfer-Encoding: chunked\r\n\r\n"
                let chunk = "1f4\r\n\(String(repeating: "x", count: 500))\r\n"
                let fits = try server.ask("\(head)\(chunk)\(chunk)0\r\n\r\n")
                #expect(fits.body == "paused 1000\n")
                let client = try server.client()
                client.send("\(head)\(chunk)\(chunk)1\r\nx\r\n0\r\n\r\n")
                #expect(try client.reply().status == 413)
                #expect(try client.readToEnd() == [])
                let endless = try server.client()
                endless.send(head)
                try trickle(chunk, endless)
            }
        }

        @Test func `a refused order's body is passed over, and the connection goes on`() async throws {
            try await withServer { server in
                let client = try server.client()
                client.send("PUT /pause HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\nhello")
                #expect(try client.reply().status == 421)
                client.send("GET /health HTTP/1.1\r\n\(Self.local)\r\n")
                #expect(try client.reply().status == 200)
            }
        }

        @Test func `who waits for a word before the body gets it, or the refusal`() async throws {
            try await withServer { server in
                let head = "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
                let client = try server.client()
                client.send("PUT /pause HTTP/1.1\r\n\(Self.local)\(head)")
                #expect(try client.reply().status == 100)
                client.send("hello")
                #expect(try client.reply().body == "paused 5\n")
                let refused = try server.ask("PUT /pause HTTP/1.1\r\nHost: evil.example\r\n\(head)")
                #expect(refused.status == 421)
            }
        }

        @Test(arguments: [
            ("GET / HTTP/2.0\r\n\r\n", 505), ("GET / HTTP/0.9\r\n\r\n", 505),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nnothing\r\n\r\n", 400),
            ("GET / XTTP/1.1\r\n\r\n", 400), ("PUT /pause HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            ("PUT /pause HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("PUT /pause HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
            ("PUT /pause HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ])
        func `what is no HTTP is refused, and the connection closed`(request: String, status: Int)
            async throws
        {
            try await withServer { server in
                let client = try server.client()
                client.send(request)
                #expect(try client.reply().status == status)
                // What follows is the library's: it says some refusals twice (0.9.75).
                try client.readToEnd()
            }
        }

        @Test(arguments: ["X-Long: ", "GET /"])
        func `ten megabytes of head are refused`(start: String) async throws {
            try await withServer { server in
                let client = try server.client()
                client.send(start == "GET /" ? start : "GET /health HTTP/1.1\r\n\(start)")
                let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
                var sent = 0
                while sent < 100, client.send(piece) { sent += 1 }
                #expect(sent < 100)
                let answer = try client.readToEnd()
                let status = String(decoding: answer.prefix(12), as: UTF8.self)
                #expect(["", "HTTP/1.1 431", "HTTP/1.1 414"].contains(status))
                #expect(try server.ask("GET /health HTTP/1.1\r\n\(Self.local)\r\n").status == 200)
            }
        }
    }
}
