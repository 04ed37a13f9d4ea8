import HTTPRequests

/// Why a part of the cluster did not answer as it should.
public struct ClusterError: Error, Sendable, CustomStringConvertible {
    /// What was asked, without user information and without the query.
    public let url: String
    /// What is wrong; control characters are escaped, as it may quote an answer.
    public let reason: String
    /// The HTTP status, where there was an answer.
    public let status: Int?
    /// Whether the server is away or overloaded.
    ///
    /// Waiting may mend it; otherwise a person has to.
    public let isOutage: Bool

    /// - Parameter isOutage: `nil`: as the status says; without one it is no outage.
    public init(url: String, reason: String, status: Int? = nil, isOutage: Bool? = nil) {
        self.url = HTTPBase.shown(url)
        self.reason = reason.visible
        self.status = status
        // RFC 9110, section 15.6: 5xx is the server's own trouble.
        self.isOutage = isOutage ?? (status.map { $0 >= 500 } ?? false)
    }

    public var description: String { "\(url): \(reason)" }
}

extension ClusterError {
    /// What a request that nobody answered means here.
    init(_ error: HTTPRequestError) {
        let isPlain: Bool
        switch error.cause {
        // These happen by the thousand during a failover, and libcurl's words add only times and ports.
        case .noAnswerInTime, .cannotConnect, .noSuchHost, .connectionLost, .cancelled: isPlain = true
        case .invalidRequest, .notTrusted, .notHTTP, .tooLarge, .other: isPlain = false
        }
        let detail = isPlain ? nil : error.detail
        self.init(
            url: error.url,
            reason: error.reason + (detail.map { " (\($0))" } ?? ""),
            isOutage: isPlain
        )
    }
}
