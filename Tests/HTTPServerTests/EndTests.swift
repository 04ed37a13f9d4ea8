import Glibc
import Logs
import Testing

@testable import HTTPServer

extension LiveTests {
    @Suite struct EndTests {
        private static let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

        @Test func `the end finishes what is asked, and closes those who wait`() async throws {
            let server = try await TestServer.start()
            let (idle, silent, asking) = try (server.client(), server.client(), server.client())
            idle.send(Self.health)
            #expect(try idle.reply().status == 200)
            asking.send(
                "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try asking.reply().status == 100)
            server.beginEnd()
            try idle.readToEnd()
            try silent.readToEnd()
            #expect(throws: TestClient.Failure.self) { try server.client() }
            asking.send("hello")
            let reply = try asking.reply()
            #expect(reply.body == "paused 5\n")
            #expect(reply.headers["connection"] == "close")
            #expect(try asking.readToEnd() == [])
            try await server.end()
        }

        @Test func `the end waits for nobody beyond its deadline`() async throws {
            var limits = HTTPLimits()
            limits.endDeadline = .milliseconds(200)
            let server = try await TestServer.start(limits: limits)
            let asking = try server.client()
            asking.send(
                "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try asking.reply().status == 100)
            try await server.end()
            #expect(try asking.readToEnd() == [])
        }

        @Test func `a service that is cancelled before it starts ends`() async throws {
            let address = try #require(ListenAddress("127.0.0.1:0"))
            let service = HTTPService(listen: address, logger: Logger(label: "test"), routes: [])
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await service.run()
            }
            try await task.value
        }

        @Test func `a Unix socket answers, and needs no token`() async throws {
            let (place, file) = try (TemporaryFile(), TemporaryFile("s3cret"))
            let locked = HTTPAccess(token: try OrderToken(file: file.path))
            try await withServer("unix:\(place.path)", access: locked) { server in
                #expect(server.place == "unix:\(place.path)")
                var status = stat()
                #expect(lstat(place.path, &status) == 0)
                #expect(status.st_mode == S_IFSOCK | 0o660)
                let order = { (host: String) in "PUT /pause HTTP/1.1\r\nHost: \(host)\r\n\r\n" }
                let replies = try [Self.health, order("localhost"), order("evil.example")].map(server.ask)
                #expect(replies.map(\.status) == [200, 200, 421])
            }
            #expect(access(place.path, F_OK) != 0)
        }

        @Test func `a socket that nobody listens on is replaced`() async throws {
            let place = try TemporaryFile()
            try bindAndForget(place.path)
            try await withServer("unix:\(place.path)") { server in
                let reply = try server.ask(Self.health)
                #expect(reply.status == 200)
            }
        }

        @Test func `a socket that somebody listens on is left`() async throws {
            let place = try TemporaryFile()
            try await withServer("unix:\(place.path)") { server in
                let error = await #expect(throws: HTTPServiceError.self) {
                    try await TestServer.start("unix:\(place.path)")
                }
                #expect(error?.reason == "Address already in use")
                let reply = try server.ask(Self.health)
                #expect(reply.status == 200)
            }
        }

        @Test func `a file that is no socket is left`() async throws {
            let file = try TemporaryFile("precious")
            let error = await #expect(throws: HTTPServiceError.self) {
                try await TestServer.start("unix:\(file.path)")
            }
            #expect(error?.reason == "File exists")
            #expect(access(file.path, F_OK) == 0)
        }

        @Test func `a socket that another program has put there meanwhile is left`() async throws {
            let place = try TemporaryFile()
            try await withServer("unix:\(place.path)") { _ in
                unlink(place.path)
                try bindAndForget(place.path)
            }
            #expect(access(place.path, F_OK) == 0)
        }

        private func bindAndForget(_ path: String) throws {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            let code = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(code == 0)
        }
    }
}
