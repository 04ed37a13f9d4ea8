import Glibc
import Testing

@testable import HTTPServer

extension LiveTests {
    /// What counts descriptors or memory runs in a process of its own, for other tests have some as well.
    @Suite struct LoadTests {
        /// An order with a large body.
        static let order =
            "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
            + String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000), as: UTF8.self)
        static let health = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

        @Test func `a thousand half-open connections keep no question out`() async {
            await #expect(processExitsWith: .success) {
                var silent: [TestClient] = []
                try await withServer { server in
                    for number in 0..<1_000 {
                        let client = try server.client()
                        if number % 4 < 3 { client.send("GET /health HTTP/1.1\r\nX-Half: ") }
                        silent.append(client)
                        guard number % 100 == 99 else { continue }
                        let prober = try server.client(soon)
                        prober.send(LoadTests.health)
                        try check(
                            prober.reply().body == "ok\n",
                            "the question is answered before a deadline passes"
                        )
                    }
                    let prober = try server.client(soon)
                    prober.send(LoadTests.health)
                    try check(
                        prober.reply().body == "ok\n",
                        "the question is answered before a deadline passes"
                    )
                }
                // Who gave way was told so.
                for client in silent { try client.readToEnd() }
            }
        }

        @Test func `a client that needs a moment to ask keeps its place in a flood`() async {
            await #expect(processExitsWith: .success) {
                try await withServer { server in
                    var silent: [TestClient] = []
                    for _ in 0..<4 {
                        let prober = try server.client(soon)
                        for _ in 0..<150 { silent.append(try server.client()) }
                        // The time that a busy machine may take from a client between its connection and its question.
                        try await Task.sleep(for: .milliseconds(20))
                        prober.send(LoadTests.health)
                        try check(prober.reply().body == "ok\n", "the question is answered")
                    }
                }
            }
        }

        @Test func `a question keeps its place while its answer is made`() async throws {
            var limits = HTTPLimits()
            (limits.connections, limits.grace) = (4, .milliseconds(100))
            // What a busy machine may take for it.
            let slow = HTTPRoute(.get, "/slow") { _ in
                poll(nil, 0, 80)
                return .text("ok")
            }
            try await withServer(limits: limits, routes: [slow]) { server in
                let asking = try server.client(soon)
                try await Task.sleep(for: limits.grace)
                asking.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
                try await Task.sleep(for: .milliseconds(20))
                // They take all other places, and one waits for another.
                let newcomers = try (0..<4).map { _ in try server.client(soon) }
                #expect(try asking.reply().body == "ok\n")
                for client in newcomers {
                    client.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(try client.reply().body == "ok\n")
                }
            }
        }

        @Test func `a newcomer takes the place of the slowest when everybody is asking`() async throws {
            var limits = HTTPLimits()
            limits.connections = 2
            try await withServer(limits: limits) { server in
                let head =
                    "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
                let busy = try [server.client(), server.client()]
                for client in busy {
                    client.send(head)
                    #expect(try client.reply().status == 100)
                }
                let newcomer = try server.client()
                newcomer.send(Self.health)
                #expect(try newcomer.reply().status == 200)
                #expect(try busy[0].readToEnd() == [])
                busy[1].send("x")
                #expect(try busy[1].reply().body == "paused 1\n")
                #expect(try server.ask(Self.health).status == 200)
            }
        }

        @Test func `clients that break off leave neither descriptors nor memory`() async {
            await #expect(processExitsWith: .success) {
                try await withServer { server in
                    func breakOff(_ times: Int) throws {
                        for number in 0..<times {
                            let client = try server.client()
                            switch number % 4 {
                            case 0: client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            case 1: client.send(LoadTests.order)
                            default: client.send(LoadTests.health)
                            }
                            if number % 4 < 3 { _ = client.isReadable(within: .seconds(5)) }
                            client.abort()
                        }
                        try check(server.ask(LoadTests.health).status == 200, "the server lives")
                    }
                    try breakOff(40)
                    let (descriptors, memory) = try (waitForDescriptors(at: nil), residentPages())
                    try breakOff(200)
                    _ = try waitForDescriptors(at: descriptors)
                    let grown = try (residentPages() - memory) * Int(getpagesize())
                    try check(grown < 16 * 1_048_576, "memory grew by \(grown) bytes")
                }
                let before = try waitForDescriptors(at: nil)
                for _ in 0..<20 {
                    try await withServer { server in
                        try check(server.ask(LoadTests.health).status == 200, "the server answers")
                    }
                }
                _ = try waitForDescriptors(at: before)
            }
        }

        @Test func `a lack of descriptors is survived`() async {
            await #expect(processExitsWith: .success) {
                try await withServer { server in
                    let clients = try (0..<6).map { _ in try TestClient() }
                    // Somebody who is asking, and so does not give way.
                    let asking = try server.client()
                    asking.send(
                        "PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
                    )
                    try check(asking.reply().status == 100, "the order is taken")
                    let filler = try fillDescriptors()
                    // The reserve serves one; for each of the others, the one before gives way.
                    for client in clients[..<3] {
                        try client.connect(port: server.port)
                        client.send(LoadTests.health)
                        try check(client.reply().body == "ok\n", "answered without a descriptor")
                    }
                    try clients[0].readToEnd()
                    asking.send("x")
                    try check(asking.reply().body == "paused 1\n", "the order is followed")
                    // Two who are asking have what there is; the third waits, and nobody spins meanwhile.
                    for client in clients[3..<5] {
                        try client.connect(port: server.port)
                        client.send("PUT /pause HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
                    }
                    try clients[5].connect(port: server.port)
                    clients[5].send(LoadTests.health)
                    let used = processorTime()
                    _ = clients[5].isReadable(within: .milliseconds(400))
                    try check(processorTime() - used < .milliseconds(200), "the server spins")
                    for descriptor in filler { close(descriptor) }
                    try check(clients[5].reply().body == "ok\n", "answered when there are descriptors again")
                    try check(server.ask(LoadTests.health).status == 200, "as before")
                }
            }
        }
    }
}

/// Before the server's own deadlines end any of those who say nothing: who is answered by then did not wait for that.
private let soon = HTTPLimits().headerDeadline - .milliseconds(500)

/// Ends a test's own process when something is not so; its exit code is the line, for the output is not seen.
func check(_ isTrue: Bool, _ sentence: String, line: Int32 = #line) throws {
    guard !isTrue else { return }
    print("not so: \(sentence)")
    exit(line)
}

/// The process's descriptors; waits until there are as few as `expected`, for at most a minute.
private func waitForDescriptors(at expected: Int?) throws -> Int {
    let end = ContinuousClock.now + .seconds(60)
    var previous = -1
    while true {
        let count = (0..<4_096).count { fcntl(Int32($0), F_GETFD) >= 0 }
        if let expected {
            if count <= expected { return count }
        } else if count == previous {
            return count
        }
        previous = count
        try check(ContinuousClock.now < end, "\(count) descriptors, not \(expected ?? -1)")
        // The server closes on threads of its own: give them the processor.
        poll(nil, 0, 50)
    }
}

/// Pages of memory that the process has in use.
private func residentPages() throws -> Int {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = read(file, &buffer, buffer.count)
    let fields = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    try check(fields.count > 1, "statm has fields")
    return Int(fields[1]) ?? 0
}

/// Takes all descriptors that there are.
private func fillDescriptors() throws -> [Int32] {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    try check(getrlimit(resource, &limit) == 0, "the limit is known")
    limit.rlim_cur = 64
    try check(setrlimit(resource, &limit) == 0, "the limit is set")
    var filler: [Int32] = []
    while case let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC), descriptor >= 0 {
        filler.append(descriptor)
    }
    try check(errno == EMFILE && !filler.isEmpty, "all descriptors are taken")
    return filler
}

private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
