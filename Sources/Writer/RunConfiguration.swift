import Cluster
import Commands
import HTTPRequests

/// The validated settings of `writer run`.
struct RunConfiguration: Sendable {
    var source: Source
    var load: Load
    var historyPath: String
    var patroni: RESTServers
    var haproxy: HAProxySettings?
    /// `nil` is until stopped.
    var duration: Duration?
    var format: ReportFormat

    /// What the workers write.
    struct Load: Sendable {
        var workload: Workload
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
        var seed: UInt64
    }
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
