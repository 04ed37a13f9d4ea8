/// One thing that a program answers over HTTP.
///
/// ```swift
/// HTTPRoute(.get, "/status") { _ in .json(board.status) }
/// HTTPRoute(.put, "/connectors/:name/pause") { question in pause(question["name"]) }
/// ```
public struct HTTPRoute: Sendable {
    /// What is asked for; `HEAD` is answered by the route for `get`.
    public enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
        case patch = "PATCH"
    }

    /// The method that the route answers.
    public let method: Method
    /// The path; a part that begins with a colon takes any text, which the question has under that name.
    public let path: String
    /// Whether reading it takes what an order takes.
    let isPrivate: Bool
    let maker: Maker

    /// How an answer comes about.
    enum Maker: Sendable {
        case now(@Sendable (HTTPQuestion) -> HTTPAnswer)
        case later(@Sendable (HTTPQuestion) async -> HTTPAnswer)
    }

    /// Answers questions for a method and a path.
    ///
    /// Reading (`get`) is open to everybody who reaches the server.
    ///
    /// - Parameter answer: runs on the one thread that answers all connections: it must not block, and reads
    ///   what it shows from under a mutex or an atomic.
    public init(
        _ method: Method,
        _ path: String,
        answer: @escaping @Sendable (HTTPQuestion) -> HTTPAnswer
    ) {
        (self.method, self.path, isPrivate, maker) = (method, path, false, .now(answer))
    }

    /// Answers questions whose answer is waited for, such as that of another server.
    ///
    /// - Parameters:
    ///   - isPrivate: whether reading it takes what an order takes.
    ///   - later: runs in a task of its own while other clients are answered, and must not block; the client's
    ///     patience is `HTTPLimits.answerDeadline`.
    public init(
        _ method: Method,
        _ path: String,
        isPrivate: Bool = false,
        later: @escaping @Sendable (HTTPQuestion) async -> HTTPAnswer
    ) {
        (self.method, self.path, self.isPrivate, maker) = (method, path, isPrivate, .later(later))
    }
}

/// What a client asked.
public struct HTTPQuestion: Sendable {
    let parameters: [String: String]
    let queries: [String: [String]]
    /// What the client sent after the head; empty when it sent nothing.
    public var body: [UInt8]

    /// A question as a client would ask it; for tests of what answers.
    public init(parameters: [String: String] = [:], queries: [String: [String]] = [:], body: [UInt8] = []) {
        (self.parameters, self.queries, self.body) = (parameters, queries, body)
    }

    /// A part of the path by its name in the route, percent-decoded.
    public subscript(name: String) -> String? { parameters[name] }

    /// The value of `name` in the query, decoded; empty for a name without a value, the first of several.
    public func query(_ name: String) -> String? { queries[name]?.first }

    /// All values of `name` in the query, in their order.
    public func queries(_ name: String) -> [String] { queries[name] ?? [] }
}
