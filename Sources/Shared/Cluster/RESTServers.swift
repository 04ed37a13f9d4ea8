public import HTTPRequests

/// Several equal servers of one REST interface, and how they are reached.
public struct RESTServers: Sendable, ExpressibleByArrayLiteral {
    /// Base URLs, without a slash at the end.
    public var urls: [String]
    public var credentials: HTTPCredentials

    public init(_ urls: [String], credentials: HTTPCredentials = HTTPCredentials()) {
        (self.urls, self.credentials) = (urls, credentials)
    }

    public init(arrayLiteral urls: String...) {
        self.init(urls)
    }

    public var isEmpty: Bool { urls.isEmpty }
}

extension PatroniClient {
    public init(_ servers: RESTServers, timeout: Duration = .seconds(2)) {
        self.init(servers: servers.urls, timeout: timeout, credentials: servers.credentials)
    }
}

extension ConnectClient {
    public init(_ servers: RESTServers, timeout: Duration = .seconds(2)) {
        self.init(servers: servers.urls, timeout: timeout, credentials: servers.credentials)
    }
}
