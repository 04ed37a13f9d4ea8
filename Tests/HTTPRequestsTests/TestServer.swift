import Foundation
import Glibc
import Testing

@testable import HTTPRequests

/// The tests' server, started once by the first test that needs it.
struct TestServer: Sendable {
    enum Problem: Error {
        case ended(String)
    }

    private static let shared = Result { try TestServer() }

    /// Where certificates and keys are.
    let folder: String
    /// An otherwise empty home, with a `.netrc` and a `.curlrc` in it.
    let home: String
    private let ports: [String: UInt16]

    static func running() throws -> TestServer { try shared.get() }

    private init() throws {
        let root = NSTemporaryDirectory() + "http-requests-tests-\(getpid())"
        folder = root + "/server"
        home = root + "/home"
        for path in [folder, home] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let script = folder + "/server.py"
        try testServerScript.write(toFile: script, atomically: true, encoding: .utf8)

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script, folder]
        let output = Pipe()
        // Its other end is closed when these tests end in whatever way, and the server ends with it.
        let input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        ServerEnd.note(process.processIdentifier, root: root, input: input)

        var found: [String: UInt16] = [:]
        var text = ""
        while found["ready"] == nil {
            let part = output.fileHandleForReading.availableData
            guard !part.isEmpty else { throw Problem.ended("the server ended before it was ready") }
            text += String(decoding: part, as: UTF8.self)
            while let end = text.firstIndex(of: "\n") {
                let words = text[..<end].split(separator: " ")
                found[String(words[0])] = UInt16(words[1])
                text = String(text[text.index(after: end)...])
            }
        }
        ports = found

        // Before the first request: libcurl reads the environment on its thread. The proxy answers 299, so
        // any test here that asked it for this machine would see that.
        let proxy = "http://127.0.0.1:\(found["other"] ?? 0)"
        for name in ["http_proxy", "https_proxy", "all_proxy"] { setenv(name, proxy, 1) }
        unsetenv("NO_PROXY")
        setenv("no_proxy", ".invalid", 1)
        let login = "machine 127.0.0.1 login netrc-user password netrc-secret\n"
        try login.write(toFile: home + "/.netrc", atomically: true, encoding: .utf8)
        try "user = \"curlrc-user:curlrc-secret\"\n".write(
            toFile: home + "/.curlrc",
            atomically: true,
            encoding: .utf8
        )
        setenv("HOME", home, 1)
    }

    func port(_ name: String) -> UInt16 { ports[name] ?? 0 }

    func http(_ name: String = "plain", _ path: String = "") -> String {
        "http://127.0.0.1:\(port(name))\(path)"
    }

    func https(_ name: String, _ path: String = "/status") -> String {
        "https://127.0.0.1:\(port(name))\(path)"
    }

    /// Credentials with files of the server's folder.
    func credentials(
        ca: String? = "ca.pem",
        certificate: String? = nil,
        key: String? = nil
    ) -> HTTPCredentials {
        var credentials = HTTPCredentials()
        credentials.caFile = ca.map { "\(folder)/\($0)" }
        credentials.certificateFile = certificate.map { "\(folder)/\($0)" }
        credentials.keyFile = key.map { "\(folder)/\($0)" }
        return credentials
    }
}

/// Ends the server with the tests, by its id.
private enum ServerEnd {
    // Written once, before the function below is registered.
    nonisolated(unsafe) private static var noted: (id: pid_t, root: String, input: Pipe)?

    static func note(_ id: pid_t, root: String, input: Pipe) {
        noted = (id, root, input)
        atexit {
            guard let (id, root, _) = ServerEnd.noted else { return }
            kill(id, SIGTERM)
            try? FileManager.default.removeItem(atPath: root)
        }
    }
}

/// What `/echo` answers: the request as it came.
struct Echo: Decodable {
    let method: String
    let path: String
    let body: String
    let peer: String
    let headers: [String]

    init(_ reply: HTTPReply) throws {
        self = try JSONDecoder().decode(Echo.self, from: Data(reply.body))
    }

    func header(_ name: String) -> String? {
        headers.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
    }
}

/// The error that a request ends with.
func failure(
    of request: () async throws(HTTPRequestError) -> HTTPReply,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> HTTPRequestError {
    do throws(HTTPRequestError) {
        let reply = try await request()
        Issue.record("it was answered with \(reply.status)", sourceLocation: sourceLocation)
        throw HTTPRequestError(url: "", cause: .other, reason: "no failure")
    } catch {
        return error
    }
}

/// Waits for a condition.
///
/// - Returns: whether it came true within a minute.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(2))
    }
    return true
}
