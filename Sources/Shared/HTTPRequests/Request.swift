/// A request that was found to be in order: no part of it can end a line of the head early.
struct Request: Sendable {
    let method: String
    let target: RequestTarget
    let body: [UInt8]?
    let contentType: String?
    let credentials: HTTPCredentials
    let limits: HTTPLimits

    /// - Throws: `HTTPRequestError` of the cause `invalidRequest`.
    init(
        _ method: String,
        _ url: String,
        body: [UInt8]?,
        contentType: String?,
        credentials: HTTPCredentials,
        limits: HTTPLimits
    ) throws(HTTPRequestError) {
        do throws(RequestTarget.Malformed) {
            target = try RequestTarget(url)
        } catch {
            throw HTTPRequestError(url: error.shown, cause: .invalidRequest, reason: error.reason)
        }
        var credentials = credentials
        if let userName = target.userName {
            credentials.userName = userName
            credentials.password = target.password
        }
        self.method = method
        self.body = body
        self.contentType = contentType
        self.credentials = credentials
        self.limits = limits
        if let problem {
            throw HTTPRequestError(url: target.shown, cause: .invalidRequest, reason: problem)
        }
    }

    /// Whether a second sending does no harm (RFC 9110, section 9.2.2).
    var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }

    private var problem: String? {
        // RFC 9110, section 5.6.2: a method is a token.
        let marks = "!#$%&'*+-.^_`|~".utf8
        let isToken = method.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: marks.contains(byte)
            }
        }
        if !isToken || method.isEmpty { return "the method is not one such as GET" }
        // RFC 9110, section 5.5, leaves out obs-text, which servers read in different ways.
        if let contentType, !contentType.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) {
            return "the content type has a line end or another byte that no header may carry"
        }
        return credentials.problem
    }
}
