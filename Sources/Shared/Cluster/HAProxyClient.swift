/// HAProxy's page of statistics: which servers it leads its clients to.
public struct HAProxyClient: Sendable {
    private let url: String
    private let http: HTTPClient

    /// - Parameter url: the page, such as `http://127.0.0.1:7000` or `http://proxy:8404/stats`.
    public init(url: String, timeout: Duration = .seconds(1)) {
        self.url = url.hasSuffix(";csv") ? url : url + (url.hasSuffix("/") ? ";csv" : "/;csv")
        http = HTTPClient(timeout: timeout)
    }

    /// The servers of a proxy and whether each is up.
    ///
    /// - Throws: `ClusterError`, also when the page has no such proxy.
    public func servers(of proxy: String) async throws(ClusterError) -> [HAProxyServer] {
        let servers = HAProxyServer.parse(csv: try await http.text(url), proxy: proxy)
        guard !servers.isEmpty else { throw ClusterError(url: url, reason: "there is no proxy \(proxy)") }
        return servers
    }
}

/// A server behind a proxy.
public struct HAProxyServer: Sendable, Equatable {
    public let name: String
    /// Whether new connections are led to it.
    public let isUp: Bool

    /// Reads the CSV of HAProxy's statistics (HAProxy management guide, section 9.1).
    static func parse(csv: String, proxy: String) -> [HAProxyServer] {
        var lines = csv.split(whereSeparator: \.isNewline).makeIterator()
        guard let header = lines.next() else { return [] }
        let names = header.drop { $0 == "#" || $0 == " " }.split(
            separator: ",",
            omittingEmptySubsequences: false
        )
        guard let proxyColumn = names.firstIndex(of: "pxname"),
            let nameColumn = names.firstIndex(of: "svname"),
            let statusColumn = names.firstIndex(of: "status")
        else { return [] }
        var servers: [HAProxyServer] = []
        while let line = lines.next() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count > statusColumn, fields[proxyColumn] == proxy,
                !["FRONTEND", "BACKEND"].contains(fields[nameColumn])
            else { continue }
            servers.append(
                HAProxyServer(name: String(fields[nameColumn]), isUp: fields[statusColumn].hasPrefix("UP"))
            )
        }
        return servers
    }
}
