package import Cluster
package import Postgres

/// Where the parts of the pipeline are.
package struct PipelineSettings: Sendable {
    package var source: ConnectionOptions
    package var destination: ConnectionOptions
    package var brokers: KafkaBrokers
    package var topic: String
    package var sink: String
    /// Where the sink keeps its progress.
    package var progress: ControlTable
    package var history: String?
    package var patroni: RESTServers
    package var connect: RESTServers
    package var connector: String?
    package var table: TableName

    /// The source connector's state, or why it is not known; `nil` where no connector is configured.
    package func connectorStatus() async -> Result<ConnectorStatus, ClusterError>? {
        guard let connector, !connect.isEmpty else { return nil }
        do throws(ClusterError) {
            return .success(try await ConnectClient(connect).status(of: connector))
        } catch {
            return .failure(error)
        }
    }
}
