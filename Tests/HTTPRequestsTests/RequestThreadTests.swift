import Glibc
import Testing

@testable import HTTPRequests

@Suite(.timeLimit(.minutes(10)))
struct RequestThreadTests {
    private let server: TestServer

    init() throws {
        server = try TestServer.running()
    }

    /// How many sockets of this process are connected to a port of this machine.
    private func connections(to port: UInt16) -> Int {
        (0..<Int32(2_048)).count { descriptor in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    getpeername(descriptor, $0, &length)
                }
            }
            return code == 0 && address.sin_family == AF_INET && UInt16(bigEndian: address.sin_port) == port
        }
    }

    @Test func `two hundred requests at once are answered, and their connections go`() async throws {
        let thread = RequestThread(idleLimit: .milliseconds(200))
        let client = HTTPClient(timeout: .seconds(120), thread: thread)
        let url = server.http("counted", "/status")
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<200 { group.addTask { try? await client.send("GET", url).status } }
            var found: [Int?] = []
            for await status in group { found.append(status) }
            return found
        }
        #expect(statuses == Array(repeating: 200, count: 200))
        #expect(connections(to: server.port("counted")) <= 8)
        #expect(try await eventually { connections(to: server.port("counted")) == 0 })
        // It goes on after that.
        #expect(try await client.send("GET", url).status == 200)
        thread.end()
        #expect(connections(to: server.port("counted")) == 0)
    }

    @Test func `requests one after the other share a connection`() async throws {
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(120), thread: thread)
        let url = server.http("plain", "/echo")
        let first = try Echo(try await client.send("GET", url)).peer
        #expect(try Echo(try await client.send("GET", url)).peer == first)
        #expect(try Echo(try await client.send("POST", url)).peer != first)
        thread.end()
    }

    @Test func `one that hangs does not hold up others`() async throws {
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(3_600), thread: thread)
        let url = server.http("plain", "/slow-head")
        let hanging = Task { try await client.send("GET", url) }
        for _ in 0..<20 {
            #expect(try await client.send("GET", server.http("plain", "/status")).status == 200)
        }
        hanging.cancel()
        let result = await hanging.result
        #expect(throws: HTTPRequestError.self) { try result.get() }
        thread.end()
    }

    @Test func `a cancelled request ends and closes its connection`() async throws {
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(3_600), thread: thread)
        let port = server.port("cancelled")
        let url = server.http("cancelled", "/slow-body")
        let task = Task { try await client.send("GET", url) }
        #expect(try await eventually { connections(to: port) == 1 })
        task.cancel()
        let result = await task.result
        let error = #expect(throws: HTTPRequestError.self) { try result.get() }
        #expect(error?.cause == .cancelled)
        #expect(connections(to: port) == 0)
        thread.end()
    }

    @Test func `a request of a cancelled task is not waited for`() async throws {
        let client = HTTPClient(timeout: .seconds(3_600))
        let url = server.http("hole", "/")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.send("GET", url)
        }
        task.cancel()
        let result = await task.result
        let error = #expect(throws: HTTPRequestError.self) { try result.get() }
        #expect(error?.cause == .cancelled)
    }

    @Test func `cancellation at any moment ends in one answer`() async throws {
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(120), thread: thread)
        let url = server.http("turns", "/status")
        for turns in 0..<200 {
            let task = Task { try await client.send("GET", url).status }
            for _ in 0..<turns { await Task.yield() }
            task.cancel()
            switch await task.result {
            case .success(let status): #expect(status == 200)
            case .failure(let error): #expect((error as? HTTPRequestError)?.cause == .cancelled)
            }
        }
        thread.end()
    }

    @Test func `the end of the thread ends its requests and refuses more`() async throws {
        let thread = RequestThread()
        let client = HTTPClient(timeout: .seconds(3_600), thread: thread)
        let url = server.http("hole", "/")
        let task = Task { try await client.send("GET", url) }
        // A POST has a connection of its own, so it proves that the thread runs, and no more.
        #expect(try await client.send("POST", server.http("plain", "/post?id=end")).status == 200)
        thread.end()
        let result = await task.result
        for result in [result, await Task { try await client.send("GET", url) }.result] {
            let error = #expect(throws: HTTPRequestError.self) { try result.get() }
            #expect(error?.cause == .cancelled)
            #expect(error?.reason == "the process ends")
        }
    }

    @Test func `an unused thread ends too`() {
        RequestThread().end()
    }
}
