import FoundationEssentials
public import Model

/// A connector as `GET /connectors?expand=info&expand=status` tells it.
public struct ListedConnector: Decodable, Sendable {
    private struct Configured: Decodable, Sendable {
        let config: [String: String?]
    }

    private let info: Configured
    /// Absent where the worker has not heard of it yet.
    public let status: ConnectorStatus?

    /// The configuration, without what is null there.
    public var properties: [String: String] { info.config.compactMapValues(\.self) }
}

extension ConnectClient {
    /// All connectors with their configurations and states, by name (Kafka 2.3 and later).
    public func connectors() async throws(ClusterError) -> [String: ListedConnector] {
        try await http.get(
            "/connectors?expand=info&expand=status",
            fromAnyOf: servers,
            as: [String: ListedConnector].self
        )
    }
}

extension StoredOffsets {
    /// Where a sink connector goes on, by partition: each offset is that of its next record.
    public var ofSink: [TopicPartition: Int64] {
        var found: [TopicPartition: Int64] = [:]
        for entry in offsets {
            guard case .text(let topic) = entry.partition["kafka_topic"],
                case .integer(let partition) = entry.partition["kafka_partition"],
                case .integer(let offset) = entry.offset?["kafka_offset"],
                let number = Int32(exactly: partition)
            else { continue }
            found[TopicPartition(topic: topic, partition: number)] = offset
        }
        return found
    }
}
