import Foundation

/// One thing that a program answers over HTTP.
///
/// ```swift
/// HTTPRoute(.get, "/status") { _ in .json(board.status) }
/// HTTPRoute(.put, "/connectors/:name/pause") { question in pause(question["name"]) }
/// ```
public struct HTTPRoute: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
    }

    public let method: Method
    /// The path; a part that begins with a colon takes any text, which the question has under that name.
    public let path: String
    let answer: @Sendable (HTTPQuestion) async -> HTTPAnswer

    /// - Parameter answer: runs on the concurrency pool: it must not block, and reads what it shows from behind
    ///   a mutex or an atomic.
    public init(
        _ method: Method,
        _ path: String,
        answer: @escaping @Sendable (HTTPQuestion) async -> HTTPAnswer
    ) {
        (self.method, self.path, self.answer) = (method, path, answer)
    }
}

/// What a client asked.
public struct HTTPQuestion: Sendable {
    let parameters: [String: String]

    /// A part of the path by its name in the route, percent-decoded.
    public subscript(name: String) -> String? { parameters[name] }
}

/// What a client is answered.
public struct HTTPAnswer: Sendable {
    /// HTTP's status code.
    public let status: Int
    public let contentType: String
    public let body: String
    /// Beside the content's type, and that nothing is to be stored.
    public let headers: [String: String]

    public init(
        status: Int = 200,
        contentType: String = "text/plain; charset=utf-8",
        body: String,
        headers: [String: String] = [:]
    ) {
        (self.status, self.contentType, self.body, self.headers) = (status, contentType, body, headers)
    }

    /// A line of text.
    public static func text(_ text: String, status: Int = 200) -> HTTPAnswer {
        HTTPAnswer(status: status, body: text + "\n")
    }

    /// A JSON document with its keys in alphabetical order.
    public static func json(_ value: some Encodable, status: Int = 200) -> HTTPAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self)
            return HTTPAnswer(status: status, contentType: "application/json", body: text + "\n")
        } catch {
            return .text("cannot encode the answer: \(error)", status: 500)
        }
    }

    /// Prometheus' text format.
    public static func metrics(_ text: MetricsText) -> HTTPAnswer {
        HTTPAnswer(contentType: "text/plain; version=0.0.4; charset=utf-8", body: text.description)
    }
}
