import Foundation
import FoundationNetworking

/// Why a part of the cluster did not answer as it should.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
    public let url: String
    public let reason: String
    /// The HTTP status, where there was an answer.
    public let status: Int?

    public init(url: String, reason: String, status: Int? = nil) {
        self.url = url
        self.reason = reason
        self.status = status
    }

    public var description: String { "\(url): \(reason)" }
}

/// Asks REST interfaces, with a timeout on each call.
public struct HTTPClient: Sendable {
    private let session: URLSession

    public init(timeout: Duration) {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Double(timeout.components.seconds)
        configuration.timeoutIntervalForResource = Double(timeout.components.seconds)
        session = URLSession(configuration: configuration)
    }

    /// What Foundation knows of a failure; on Linux its own text is a number in most cases.
    static func reason(_ error: any Error) -> String {
        switch (error as? URLError)?.code {
        case .timedOut: "no answer in time"
        case .cannotConnectToHost: "cannot connect"
        case .cannotFindHost: "no such host"
        case .networkConnectionLost: "the connection was lost"
        default: error.localizedDescription
        }
    }

    /// The document at a URL as text.
    ///
    /// - Throws: `ClusterError` with the URL and the HTTP status or the reason.
    func text(_ url: String) async throws(ClusterError) -> String {
        String(decoding: try await document(url), as: UTF8.self)
    }

    /// The JSON document at a URL, decoded.
    ///
    /// - Throws: `ClusterError` with the URL and the HTTP status or the reason.
    func get<Answer: Decodable & Sendable>(_ url: String, as type: Answer.Type) async throws(ClusterError)
        -> Answer
    {
        let data = try await document(url)
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw ClusterError(url: url, reason: "unexpected answer: \(error)")
        }
    }

    /// Sends a request, with a JSON document as its body if there is one.
    ///
    /// - Returns: the HTTP status, whatever it is, and the answer's text.
    /// - Throws: `ClusterError` with the URL and the reason when nothing answers.
    public func send(_ method: String, _ url: String, json: String? = nil) async throws(ClusterError) -> (
        status: Int, body: String
    ) {
        let (status, data) = try await ask(method, url, json: json)
        return (status, String(decoding: data, as: UTF8.self))
    }

    /// What a GET is answered with, if the status is 200.
    private func document(_ url: String) async throws(ClusterError) -> Data {
        let (status, data) = try await ask("GET", url)
        guard status == 200 else {
            throw ClusterError(url: url, reason: "HTTP status \(status)", status: status)
        }
        return data
    }

    private func ask(_ method: String, _ url: String, json: String? = nil) async throws(ClusterError) -> (
        status: Int, body: Data
    ) {
        guard let address = URL(string: url), address.scheme == "http" || address.scheme == "https" else {
            throw ClusterError(url: url, reason: "not a URL such as http://127.0.0.1:8090")
        }
        var request = URLRequest(url: address)
        request.httpMethod = method
        if let json {
            request.httpBody = Data(json.utf8)
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        do {
            let (data, response) = try await session.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
        } catch {
            throw ClusterError(url: url, reason: Self.reason(error))
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
}
