import JSONText

/// What a client is answered.
public struct HTTPAnswer: Sendable {
    /// HTTP's status code.
    public let status: Int
    /// The header `Content-Type`.
    public let contentType: String
    /// What follows the head, sent as UTF-8.
    public let body: String
    /// Beside the content's type, and that nothing is to be stored.
    public let headers: [String: String]

    /// An answer with any status and type.
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
        do {
            return HTTPAnswer(
                status: status,
                contentType: "application/json",
                body: try jsonText(value) + "\n"
            )
        } catch {
            return .text("cannot encode the answer: \(error)", status: 500)
        }
    }

    /// A refusal: a line that says why, and headers that go with its status.
    static func refusal(_ status: Int, _ text: String, _ headers: [String: String] = [:]) -> HTTPAnswer {
        HTTPAnswer(status: status, body: text + "\n", headers: headers)
    }
}
