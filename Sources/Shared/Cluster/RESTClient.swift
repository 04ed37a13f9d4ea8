import FoundationEssentials
public import HTTPRequests

/// Asks REST interfaces for JSON and text, with a deadline on each request.
public struct RESTClient: Sendable {
    private let http: HTTPClient

    /// - Parameter timeout: the deadline of a whole request.
    public init(timeout: Duration, credentials: HTTPCredentials = .init()) {
        http = HTTPClient(timeout: timeout, credentials: credentials)
    }

    /// Sends a request, with a JSON document as its body if there is one.
    ///
    /// - Parameter url: of a form that `HTTPBase` describes.
    /// - Returns: the HTTP status, whatever it is, and the answer's text.
    /// - Throws: `ClusterError` with the URL and the reason when nothing answers.
    public func send(
        _ method: String,
        _ url: String,
        json: String? = nil
    ) async throws(ClusterError) -> (status: Int, body: String) {
        let reply = try await reply(method, url, json: json)
        return (reply.status, reply.text)
    }

    /// The document at a URL as text.
    ///
    /// - Throws: `ClusterError` with the URL and the HTTP status or the reason.
    func text(_ url: String) async throws(ClusterError) -> String {
        try await document(url).text
    }

    /// The JSON document at a URL, decoded.
    ///
    /// - Throws: `ClusterError` with the URL and the HTTP status or the reason.
    func get<Answer: Decodable & Sendable>(
        _ url: String,
        as type: Answer.Type
    ) async throws(ClusterError) -> Answer {
        let reply = try await document(url)
        do {
            return try JSONDecoder().decode(type, from: Data(reply.body))
        } catch {
            throw ClusterError(url: url, reason: "unexpected answer: \(error)")
        }
    }

    /// The first answer that any of several equal servers gives.
    func get<Answer: Decodable & Sendable>(
        _ path: String,
        fromAnyOf servers: [String],
        as type: Answer.Type
    ) async throws(ClusterError) -> Answer {
        var last = ClusterError(url: path, reason: "no server is configured")
        for server in servers {
            do throws(ClusterError) {
                return try await get(server + path, as: type)
            } catch {
                last = error
            }
        }
        throw last
    }

    /// What a GET is answered with, if the status is 200.
    private func document(_ url: String) async throws(ClusterError) -> HTTPReply {
        let reply = try await reply("GET", url)
        guard reply.status == 200 else {
            throw ClusterError(url: url, reason: "HTTP status \(reply.status)", status: reply.status)
        }
        return reply
    }

    private func reply(
        _ method: String,
        _ url: String,
        json: String? = nil
    ) async throws(ClusterError) -> HTTPReply {
        do throws(HTTPRequestError) {
            return try await http.send(method, url, json: json)
        } catch {
            throw ClusterError(error)
        }
    }
}
