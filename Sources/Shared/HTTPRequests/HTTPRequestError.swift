/// Why a request got no reply.
///
/// A reply with any status, 500 as well, is none of these.
public struct HTTPRequestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What happened, for those who decide by it.
    public enum Cause: Sendable, Equatable {
        /// The URL, the method, a header or the credentials cannot be sent; nothing was.
        case invalidRequest
        case noSuchHost
        case cannotConnect
        /// A deadline passed: of the connection or of the whole request.
        case noAnswerInTime
        /// The connection ended before the reply did. The server may have done what was asked for.
        case connectionLost
        /// TLS: one side does not trust the other, or a file for it cannot be used.
        case notTrusted
        /// What answers there does not speak HTTP.
        case notHTTP
        /// The reply exceeds the client's limits.
        case tooLarge
        /// The task was cancelled, or the process ends.
        case cancelled
        case other
    }

    /// What was asked, without user information and without the query.
    public let url: String
    public let cause: Cause
    /// What is wrong and, where somebody can mend it, how.
    ///
    /// Constant but for file names and limits.
    public let reason: String
    /// libcurl's own words, if they say more; control characters are escaped.
    public let detail: String?

    init(url: String, cause: Cause, reason: String, detail: String? = nil) {
        self.url = url.visible
        self.cause = cause
        self.reason = reason.visible
        self.detail = detail.map(\.visible)
    }

    public var description: String { "\(url): \(reason)" + (detail.map { " (\($0))" } ?? "") }
}
