/// Asks servers over HTTP/1.1, with a deadline on every request, on TCP, TLS and Unix sockets.
///
/// All clients of a process share one thread and its connections (`RequestThread`); a client is a value and
/// needs no end. No redirect is followed, no cookie is kept, no file but those of the credentials is read,
/// and TLS is 1.2 or later with the server's certificate and name checked. A proxy of the environment
/// (`https_proxy` and the like) is used for servers elsewhere, never for this machine's own addresses.
public struct HTTPClient: Sendable {
    /// How long a request may take and how much a reply may hold.
    public var limits: HTTPLimits
    private let credentials: HTTPCredentials
    private let thread: RequestThread

    /// - Parameter timeout: the deadline of a whole request; the connection has at most 5 s of it.
    public init(timeout: Duration, credentials: HTTPCredentials = .init()) {
        self.init(timeout: timeout, credentials: credentials, thread: .shared)
    }

    init(timeout: Duration, credentials: HTTPCredentials = .init(), thread: RequestThread) {
        limits = HTTPLimits(timeout: timeout)
        self.credentials = credentials
        self.thread = thread
    }

    /// Sends a request, with a JSON document as its body if there is one.
    ///
    /// It suspends and blocks no thread. When the task is cancelled, the request ends at once and its
    /// connection is closed. A request on a kept connection that the server has closed meanwhile is sent
    /// again on a new one, if it is idempotent; others use a new connection each.
    ///
    /// - Parameter url: of a form that `HTTPBase` describes; its user information counts before the client's
    ///   user name.
    /// - Returns: the reply, whatever its status.
    /// - Throws: `HTTPRequestError` when there is no reply, or none within the limits.
    public func send(
        _ method: String,
        _ url: String,
        json: String? = nil
    ) async throws(HTTPRequestError) -> HTTPReply {
        try await send(
            method,
            url,
            body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json"
        )
    }

    /// Sends a request with a body of any type; all else as above.
    ///
    /// - Parameter contentType: what the body is, such as `text/plain`; `nil`: nothing is said of it.
    public func send(
        _ method: String,
        _ url: String,
        body: [UInt8]?,
        contentType: String? = nil
    ) async throws(HTTPRequestError) -> HTTPReply {
        let request = try Request(
            method,
            url,
            body: body,
            contentType: contentType,
            credentials: credentials,
            limits: limits
        )
        return try await thread.reply(to: request)
    }
}
