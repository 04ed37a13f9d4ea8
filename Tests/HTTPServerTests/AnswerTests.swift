import Glibc
import Logs
import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct AnswerTests {
        private static let local = "Host: localhost\r\n\r\n"

        @Test func `a question is answered with its type, and not to be stored`() async throws {
            try await withServer { server in
                let text = try server.ask("GET /health HTTP/1.1\r\n\(Self.local)")
                #expect(text.status == 200)
                #expect(text.body == "ok\n")
                #expect(text.headers["content-type"] == "text/plain; charset=utf-8")
                #expect(text.headers["cache-control"] == "no-store")
                #expect(text.headers["content-length"] == "3")
                let json = try server.ask("GET /json HTTP/1.1\r\n\(Self.local)")
                #expect(json.body == "{\"a\":2,\"b\":1}\n")
                #expect(json.headers["content-type"] == "application/json")
            }
        }

        @Test func `HEAD is answered like GET, without a body`() async throws {
            try await withServer { server in
                let client = try server.client()
                client.send("HEAD /health HTTP/1.1\r\n\(Self.local)GET /health HTTP/1.1\r\n\(Self.local)")
                let head = try client.reply(toHead: true)
                #expect(head.status == 200)
                #expect(head.headers["content-length"] == "3")
                #expect(try client.reply().body == "ok\n")
            }
        }

        @Test(
            arguments: [
                ("GET /nothing", 404, nil), ("PUT /nothing", 404, nil), ("POST /health", 405, "GET, HEAD"),
                ("OPTIONS /health", 405, "GET, HEAD"), ("OPTIONS /pause", 405, "PUT"),
                ("GET /pause", 405, "PUT"),
                ("TRACE /one", 405, "DELETE, PATCH"), ("GET /echo/%zz", 400, nil),
                ("GET /echo/%00", 400, nil),
                ("GET /echo/%ff", 400, nil), ("GET http://localhost/health", 400, nil),
                ("GET /a b", 400, nil),
                ("GET /bad", 500, nil),
            ] as [(String, Int, String?)]
        )
        func `what cannot be answered says why in a line`(line: String, status: Int, allow: String?)
            async throws
        {
            try await withServer { server in
                let reply = try server.ask("\(line) HTTP/1.1\r\n\(Self.local)")
                #expect(reply.status == status)
                #expect(reply.headers["allow"] == allow)
                #expect(reply.headers["set-cookie"] == nil)
                #expect(reply.body.utf8.last == UInt8(ascii: "\n"))
            }
        }

        @Test func `path, query and body reach the route decoded`() async throws {
            try await withServer { server in
                #expect(
                    try server.ask("GET /echo/a%2Fb%20c?q=1+2 HTTP/1.1\r\n\(Self.local)").body
                        == "a/b c 1 2\n"
                )
                #expect(
                    try server.ask("GET /echo/caf%C3%A9 HTTP/1.1\r\n\(Self.local)").body == "caf\u{e9} none\n"
                )
                let post = try server.ask("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\(Self.local)hello")
                #expect(post.status == 202)
                #expect(post.body == "hello")
                let chunks = "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"
                let chunked = try server.ask(
                    "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\(Self.local)\(chunks)"
                )
                #expect(chunked.body == "hello")
                #expect(try server.ask("DELETE /one HTTP/1.1\r\n\(Self.local)").status == 204)
                #expect(try server.ask("PATCH /one HTTP/1.1\r\n\(Self.local)").body == "patched\n")
            }
        }

        @Test func `a hundred questions sent at once are answered in order on one connection`() async throws {
            try await withServer { server in
                let client = try server.client()
                client.send((0..<100).map { "GET /echo/\($0) HTTP/1.1\r\n\(Self.local)" }.joined())
                for number in 0..<100 { #expect(try client.reply().body == "\(number) none\n") }
                client.finishSending()
                #expect(try client.readToEnd() == [])
            }
        }

        @Test(arguments: [
            "GET /health HTTP/1.0\r\n\r\n", "GET /health HTTP/1.1\r\n\r\n",
            "GET /health HTTP/1.0\r\nHost: 127.0.0.1:1\r\n\r\n",
        ])
        func `a load balancer's check is answered with and without a host`(request: String) async throws {
            try await withServer { server in
                let reply = try server.ask(request)
                #expect(reply.body == "ok\n")
            }
        }

        @Test(arguments: [
            ("GET", "Host: evil.example\r\n", 421), ("GET", "Host: allowed.example\r\n", 200),
            ("GET", "Host: a\r\nHost: a\r\n", 400), ("PUT", "", 400), ("PUT", "Host: evil.example\r\n", 421),
            ("PUT", "Host: allowed.example\r\n", 403), ("PUT", "Host: localhost\r\n", 200),
            ("PUT", "Host: localhost\r\nOrigin: http://evil.example\r\n", 403),
            ("PUT", "Host: localhost\r\nOrigin: http://localhost\r\n", 200),
        ])
        func `only its own names are answered and only this machine is followed`(
            method: String,
            headers: String,
            status: Int
        ) async throws {
            let path = method == "PUT" ? "/pause" : "/health"
            try await withServer(access: HTTPAccess(hosts: ["allowed.example"])) { server in
                let reply = try server.ask("\(method) \(path) HTTP/1.1\r\n\(headers)\r\n")
                #expect(reply.status == status)
            }
        }

        @Test func `an order from elsewhere needs the token`() async throws {
            let address = try #require(Self.ownAddress, "the machine has no address beside loopback")
            let file = try TemporaryFile("s3cret\n")
            let open = { (path: String, headers: String) in
                "PUT \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n"
            }
            try await withServer("0.0.0.0:0") { server in
                let client = try TestClient(port: server.port, address: address)
                client.send(open("/pause", ""))
                #expect(try client.reply().status == 403)
                client.send("GET /health HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n")
                #expect(try client.reply().status == 200)
            }
            let access = HTTPAccess(token: try OrderToken(file: file.path))
            try await withServer("0.0.0.0:0", access: access) { server in
                let client = try TestClient(port: server.port, address: address)
                client.send(open("/pause", ""))
                let refused = try client.reply()
                #expect(refused.status == 401)
                #expect(refused.headers["www-authenticate"] == "Bearer")
                client.send(open("/pause", "Authorization: Bearer s3cret\r\n"))
                #expect(try client.reply().status == 200)
                #expect(try server.ask(open("/pause", "")).status == 401)
            }
        }

        @Test func `a port that is taken is an error that says so, and nothing waits for it`() async throws {
            try await withServer { server in
                let service = HTTPService(
                    listen: try #require(ListenAddress(server.place)),
                    logger: Logger(label: "test"),
                    routes: []
                )
                let error = await #expect(throws: HTTPServiceError.self) { try await service.run() }
                #expect(
                    error?.description == "cannot listen on \(server.place): Address already in use; "
                        + "give another address, or end the program that has this one"
                )
                let isListening = await service.waitUntilListening()
                #expect(!isListening)
            }
        }

        @Test func `a name that has no address is an error that says so`() async throws {
            let address = try #require(ListenAddress("no-such-host.invalid:1"))
            let service = HTTPService(listen: address, logger: Logger(label: "test"), routes: [])
            let error = await #expect(throws: HTTPServiceError.self) { try await service.run() }
            #expect(error?.reason.isEmpty == false)
            #expect(error?.reason != "Success")
        }

        @Test func `IPv6 is listened on, and shown within brackets`() async throws {
            try await withServer("[::1]:0") { server in #expect(server.place.utf8.starts(with: "[::1]:".utf8))
            }
        }

        /// An IPv4 address of this machine that is not loopback, in host byte order.
        private static var ownAddress: UInt32? {
            var list: UnsafeMutablePointer<ifaddrs>?
            guard getifaddrs(&list) == 0 else { return nil }
            defer { freeifaddrs(list) }
            var next = list
            while let entry = next?.pointee {
                next = entry.ifa_next
                guard let address = entry.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                    continue
                }
                let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
                }
                if number >> 24 != 127 { return number }
            }
            return nil
        }
    }
}
