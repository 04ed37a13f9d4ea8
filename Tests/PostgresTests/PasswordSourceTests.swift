import Foundation
import Model
import Synchronization
import Testing

@testable import Postgres

/// A server that asks for a password and knows one; of the protocol it knows no more than that.
///
/// It stands for a server whose password changes while a program is connected: no server of a test's own can be made to ask for
/// one without files and rights that the test does not have.
private final class PasswordServer: Sendable {
    let password: Mutex<String>
    let port: UInt16
    private let listener: Int32

    init(_ password: String) {
        self.password = Mutex(password)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(descriptor, address, length)
                _ = listen(descriptor, 8)
                _ = getsockname(descriptor, address, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
    }

    deinit { close(listener) }

    /// Ends `serve`, also where fewer clients came.
    func stop() { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    /// Serves so many clients.
    func serve(_ count: Int) {
        for _ in 0..<count {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            _ = message(client, hasType: false)
            send(client, "R", [0, 0, 0, 3])
            let given = message(client, hasType: true).dropLast()
            if String(decoding: given, as: UTF8.self) == password.withLock({ $0 }) {
                send(client, "R", [0, 0, 0, 0])
                send(client, "Z", Array("I".utf8))
                _ = message(client, hasType: true)
            } else {
                send(client, "E", Array("SFATAL\0C28P01\0Mwrong password\0\0".utf8))
            }
            close(client)
        }
    }

    private func message(_ client: Int32, hasType: Bool) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: hasType ? 5 : 4)
        guard recv(client, &head, head.count, Int32(MSG_WAITALL)) == head.count else { return [] }
        let length = head.suffix(4).reduce(0) { $0 << 8 + Int($1) } - 4
        var body = [UInt8](repeating: 0, count: max(length, 0))
        _ = recv(client, &body, body.count, Int32(MSG_WAITALL))
        return body
    }

    private func send(_ client: Int32, _ type: String, _ body: [UInt8]) {
        let length = UInt32(body.count + 4)
        let bytes =
            Array(type.utf8) + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + body
        _ = Foundation.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

struct PasswordSourceTests {
    @Test func `a password is asked for once, and anew when it was refused`() throws {
        let count = Mutex(0)
        let source = PasswordSource {
            count.withLock {
                $0 += 1
                return "p\($0)"
            }
        }
        #expect(try source.password(for: "s") == ("p1", true))
        #expect(try source.password(for: "s") == ("p1", false))
        source.forget("another")
        #expect(try source.password(for: "s") == ("p1", false))
        source.forget("p1")
        #expect(try source.password(for: "s") == ("p2", true))
    }

    @Test func `no password is no session, which may come about later`() {
        struct Failure: Error, CustomStringConvertible { let description = "it is locked" }
        var options = ConnectionOptions(values: ["host": "127.0.0.1", "port": "1"])
        options.passwords = PasswordSource { throw Failure() }
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection.open(options, deadline: .after(.seconds(1)))
        }
        #expect(error?.message == "there is no password: it is locked")
        #expect(error?.isConnectionFailure == true)
    }

    @Test func `a password that changed is found, one that stays wrong is refused`() async throws {
        let server = PasswordServer("first")
        let current = Mutex(["first", "second", "wrong"])
        var options = ConnectionOptions(
            values: [
                "host": "127.0.0.1", "port": "\(server.port)", "user": "u", "dbname": "d",
                "sslmode": "disable",
                "gssencmode": "disable",
            ]
        )
        options.passwords = PasswordSource { current.withLock { $0.removeFirst() } }
        async let served: Void = withCheckedContinuation { done in
            Thread.detachNewThread {
                server.serve(5)
                done.resume()
            }
        }
        defer { server.stop() }
        _ = try Connection.open(options, deadline: .after(.seconds(60)))
        server.password.withLock { $0 = "second" }
        _ = try Connection.open(options, deadline: .after(.seconds(60)))
        #expect(current.withLock { $0 } == ["wrong"])
        server.password.withLock { $0 = "third" }
        let error = #expect(throws: PostgresError.self) {
            _ = try Connection.open(options, deadline: .after(.seconds(60)))
        }
        #expect(error?.sqlState == "28P01")
        await served
    }
}
