import ArgumentParser
import Foundation
import Shared

/// Asks a running sink over HTTP.
struct SinkClient {
    /// The sink answered, but not with what was asked for.
    struct Refusal: Error {
        let message: String
    }

    private static let patience = Duration.seconds(120)

    private let base: String
    private let http = HTTPClient(timeout: .seconds(10))

    init(url: String) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
    }

    func status() async throws -> SinkStatus {
        try JSONDecoder().decode(SinkStatus.self, from: Data(try await statusText().utf8))
    }

    /// The status as the sink sent it.
    func statusText() async throws -> String {
        try await order("GET", "/status").trimmingCharacters(in: .newlines)
    }

    /// - Throws: `ClusterError` when nothing answers; `Refusal` with the sink's reason.
    @discardableResult
    func order(_ method: String, _ path: String) async throws -> String {
        let (code, body) = try await http.send(method, base + path)
        guard code < 300 else {
            let error = try? JSONDecoder().decode(RESTError.self, from: Data(body.utf8))
            throw Refusal(message: error?.message ?? "\(base)\(path): HTTP status \(code): \(body)")
        }
        return body
    }

    /// Asks until the status is as it should be.
    ///
    /// - Throws: `ClusterError` when that takes too long.
    func wait(_ what: String, until isDone: (SinkStatus) -> Bool) async throws {
        let deadline = Deadline.after(Self.patience)
        while try await !isDone(status()) {
            guard !deadline.hasPassed else {
                throw ClusterError(url: base, reason: "waited for two minutes in vain until \(what)")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Runs a verb; says on standard error why it failed, and turns that into an exit code.
    static func reporting(_ verb: () async throws -> Void) async throws {
        do {
            try await verb()
        } catch let error as Refusal {
            complain(error.message)
            throw ExitCode(1)
        } catch let error as ClusterError {
            complain("\(error). Is the sink running there, with --listen?")
            throw ExitCode(3)
        } catch is DecodingError {
            complain("what answers there is no sink of this version")
            throw ExitCode(3)
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("sink: \(text)\n".utf8))
    }
}
