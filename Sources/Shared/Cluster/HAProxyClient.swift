public import HTTPRequests

/// HAProxy's page of statistics: which servers it leads its clients to.
public struct HAProxyClient: Sendable {
    private let url: String
    private let http: RESTClient

    /// - Parameter url: the page, such as `http://127.0.0.1:7000` or `http://proxy:8404/stats`.
    public init(url: String, timeout: Duration = .seconds(1), credentials: HTTPCredentials = .init()) {
        let page = HTTPBase(url).url
        self.url = page.utf8.suffix(4).elementsEqual(";csv".utf8) ? page : page + "/;csv"
        http = RESTClient(timeout: timeout, credentials: credentials)
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

/// A server of a proxy.
public struct HAProxyServer: Sendable, Equatable {
    public let name: String
    /// Whether new connections are led to it.
    public let isUp: Bool

    /// Reads the CSV of HAProxy's statistics (HAProxy management guide, section 9.1).
    static func parse(csv: String, proxy: String) -> [HAProxyServer] {
        var rows = CSVRows(Array(csv.utf8))
        guard var header = rows.next(), let first = header.first else { return [] }
        header[0] = Array(first.drop { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: " ") })
        func column(_ name: String) -> Int? { header.firstIndex { $0.elementsEqual(name.utf8) } }
        guard let proxyColumn = column("pxname"), let nameColumn = column("svname"),
            let statusColumn = column("status")
        else { return [] }
        let lastColumn = max(proxyColumn, nameColumn, statusColumn)
        var servers: [HAProxyServer] = []
        while let row = rows.next() {
            guard row.count > lastColumn, row[proxyColumn].elementsEqual(proxy.utf8) else { continue }
            let name = row[nameColumn]
            // Not servers, but what the proxy makes of them.
            if name.elementsEqual("FRONTEND".utf8) || name.elementsEqual("BACKEND".utf8) { continue }
            servers.append(
                HAProxyServer(
                    name: String(decoding: name, as: UTF8.self).visible,
                    // Also "UP 1/3" while checks begin to fail.
                    isUp: row[statusColumn].starts(with: "UP".utf8)
                )
            )
        }
        return servers
    }
}
