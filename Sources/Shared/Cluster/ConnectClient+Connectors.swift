import FoundationEssentials

/// A connector as `GET /connectors?expand=info&expand=status` tells it.
public struct ListedConnector: Decodable, Sendable {
    public struct Info: Decodable, Sendable {
        /// `source` or `sink`; workers before Kafka 2.3 do not tell.
        public let type: String?
        public let config: [String: String?]
    }

    public let info: Info
    /// Absent where the worker has not heard of it yet.
    public let status: ConnectorStatus?
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
