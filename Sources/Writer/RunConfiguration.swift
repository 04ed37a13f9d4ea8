import Cluster
import Commands
import HTTPRequests

/// The validated settings of `writer run`.
struct RunConfiguration: Sendable {
    var source: Source
    var workload: Workload
    var historyPath: String
    var patroni: RESTServers
    var workerCount: Int
    var rowCount: Int
    /// Writes a second over all workers; `nil` is as fast as it goes.
    var rate: Int?
    var backlog: BacklogPolicy
    /// How many rows get nine of ten writes; `nil` is none.
    var hotKeyCount: Int?
    /// Bytes of a large value of workload `wide`.
    var valueSize: Int
    /// Whether BEGIN and the statements of an attempt go out in one go.
    var isPipelined: Bool
    /// `nil` is until stopped.
    var duration: Duration?
    var seed: UInt64
    var format: ReportFormat
    var haproxy: HAProxySettings?
}

/// How the summary is printed.
enum ReportFormat: String, CaseIterable, OptionValue {
    case text, json
}

/// Where the proxy's statistics are.
struct HAProxySettings: Sendable {
    /// The page of statistics, without `;csv`.
    var url: String
    var credentials = HTTPCredentials()
    /// The name of the proxy that leads to the leader.
    var proxy: String
}
