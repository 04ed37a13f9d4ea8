import Cluster
import Commands
import FoundationEssentials
import Glibc
import HTTPRequests
import Model

/// Asks a running sink over HTTP.
struct SinkClient {
    /// The sink answered, but not with what was asked for.
    struct Refusal: Error {
        let message: String
    }

    private static let patience = Duration.seconds(120)

    private let base: String
    private let http: RESTClient

    init(url: String, credentials: HTTPCredentials) {
        base = HTTPBase(url).url
        http = RESTClient(timeout: .seconds(10), credentials: credentials)
    }

    func status() async throws -> SinkStatus {
        try JSONDecoder().decode(SinkStatus.self, from: Data(try await order("GET", "/status").utf8))
    }

    /// The status as the sink sent it, once it is known to be one.
    func statusText() async throws -> String {
        let text = try await order("GET", "/status").trimmed
        _ = try JSONDecoder().decode(SinkStatus.self, from: Data(text.utf8))
        return text
    }

    /// - Throws: `ClusterError` when nothing answers; `Refusal` with the sink's reason.
    @discardableResult
    func order(_ method: String, _ path: String) async throws -> String {
        let (code, body) = try await http.send(method, base + path)
        guard code < 300 else {
            let error = try? JSONDecoder().decode(RESTError.self, from: Data(body.utf8))
            let message = error?.message ?? "\(HTTPBase.shown(base + path)): HTTP status \(code): \(body)"
            throw Refusal(message: message.visible)
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
            // A server that speaks TLS closes a connection without it, and says nothing.
            let isPlain = error.url.utf8.starts(with: "http://".utf8)
            complain(
                "\(error). Is the sink running there, with --listen"
                    + (isPlain ? "? Where it has --tls-certificate, the URL begins with https://" : "?")
            )
            throw ExitCode(3)
        } catch is DecodingError {
            complain("what answers there is no sink of this version")
            throw ExitCode(3)
        }
    }

    private static func complain(_ text: String) {
        // SAFETY: the pointer is to the text's own bytes, and used during the call only.
        var line = "sink: \(text.visible)\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
