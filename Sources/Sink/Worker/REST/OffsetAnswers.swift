import HTTPServer
import Kafka
import Logs
import Model
import Threading

/// Where connectors stand: the progress in their destinations, which is the truth about it.
struct OffsetAnswers: Sendable {
    let routes: WorkerRoutes

    /// How long tasks of a connector that was stopped a moment ago may take to end.
    private static let patience = Duration.seconds(15)

    /// `GET /connectors/NAME/offsets`.
    func show(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try routes.connector(question)
        let configuration = try await configuration(name, connector)
        let stored = try await withDedicatedThread { () throws(RESTRefusal) in
            do throws(ResetError) {
                let connection = try ProgressReset.connect(configuration)
                return try ProgressReset(configuration).stored(on: connection)
            } catch {
                throw Self.refusal(error, name)
            }
        }
        let entries = stored.sorted { $0.key < $1.key }.map { place, next in
            OffsetsDocument.Entry(
                partition: OffsetsDocument.Partition(topic: place.topic, partition: place.partition),
                offset: OffsetsDocument.Offset(offset: next)
            )
        }
        return .json(OffsetsDocument(offsets: entries))
    }

    /// `PATCH /connectors/NAME/offsets`.
    func alter(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try stopped(question)
        let wanted = try RequestBody.offsets(question)
        routes.ordered("alter offsets", name)
        let configuration = try await configuration(name, connector)
        for place in wanted.keys where !configuration.selection.includes(place.topic) {
            throw RESTRefusal(
                400,
                "\(place.topic) is not among the connector's topics: \(configuration.selection)"
            )
        }
        try await change(configuration, name, Set(wanted.keys.map { ExactText($0.topic) }).map(\.text)) {
            marks,
            place in
            guard let offset = wanted[place] else { return nil }
            // Without an offset the partition begins as a new one.
            return offset ?? Self.start(marks, configuration)
        }
        return .json(
            MessageDocument(message: "The offsets for this connector have been altered successfully")
        )
    }

    /// `DELETE /connectors/NAME/offsets`: all partitions begin as new ones.
    func reset(_ question: HTTPQuestion) async throws(RESTRefusal) -> HTTPAnswer {
        let (name, connector) = try stopped(question)
        routes.ordered("reset offsets", name)
        let configuration = try await configuration(name, connector)
        let selection = configuration.selection
        try await change(configuration, name, selection.pattern == nil ? selection.listed : nil) { marks, _ in
            Self.start(marks, configuration)
        }
        return .json(MessageDocument(message: "The offsets for this connector have been reset successfully"))
    }

    // MARK: Parts

    /// The connector that a path names, if it is there and stopped.
    private func stopped(_ question: HTTPQuestion) throws(RESTRefusal) -> (
        ConnectorName, WorkerState.Connector
    ) {
        let (name, connector) = try routes.connector(question)
        guard connector.target == .stopped else {
            throw RESTRefusal(
                400,
                "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the "
                    + "specified connector by issuing a 'PUT' request to the '/connectors/\(name)/stop' endpoint"
            )
        }
        return (name, connector)
    }

    private func configuration(
        _ name: ConnectorName,
        _ connector: WorkerState.Connector
    ) async throws(RESTRefusal) -> SinkConfiguration {
        let connectors = routes.configuration.connectors
        return try await withDedicatedThread { () throws(RESTRefusal) in
            do throws(ConfigurationError) {
                return try connectors.configuration(of: name, connector.properties)
            } catch {
                throw RESTRefusal(400, PluginAnswers.message(error.problems))
            }
        }
    }

    private static func start(_ marks: PartitionMarks, _ configuration: SinkConfiguration) -> Int64 {
        configuration.firstStart == .latest ? marks.end : marks.first
    }

    /// Moves the progress as `sink reset` does, in one transaction, once the connector's tasks have ended everywhere.
    ///
    /// - Parameter target: the new offset of a partition; `nil` leaves it as it is.
    private func change(
        _ configuration: SinkConfiguration,
        _ name: ConnectorName,
        _ topics: [String]?,
        to target: @escaping @Sendable (PartitionMarks, TopicPartition) -> Int64?
    ) async throws(RESTRefusal) {
        try await withDedicatedThread { () throws(RESTRefusal) in
            let (deadline, pause) = (Deadline.after(Self.patience), StopSignal())
            while true {
                do throws(ResetError) {
                    return try Self.carryOut(configuration, topics, target)
                } catch {
                    guard case .active = error, !deadline.hasPassed else { throw Self.refusal(error, name) }
                    pause.sleep(.milliseconds(250))
                }
            }
        }
    }

    private static func carryOut(
        _ configuration: SinkConfiguration,
        _ topics: [String]?,
        _ target: (PartitionMarks, TopicPartition) -> Int64?
    ) throws(ResetError) {
        let all = try ResetCommand.marks(of: topics, nil, configuration)
        var (marks, offsets): ([TopicPartition: PartitionMarks], [TopicPartition: Int64]) = ([:], [:])
        for (place, found) in all {
            guard let offset = target(found, place) else { continue }
            (marks[place], offsets[place]) = (found, offset)
        }
        let reset = ProgressReset(configuration)
        let connection = try ProgressReset.connect(configuration)
        let stored = try reset.stored(marks.keys.sorted(), on: connection)
        try reset.carryOut(
            try ResetPlan(to: .group, marks: marks, stored: stored, asked: offsets),
            on: connection
        )
    }

    private static func refusal(_ error: ResetError, _ name: ConnectorName) -> RESTRefusal {
        if case .active = error {
            return RESTRefusal(
                500,
                "Failed to alter consumer group offsets for connector \(name) either because its tasks haven't stopped "
                    + "completely yet or the connector was resumed. If the connector is in a stopped state, this operation "
                    + "can be safely retried: \(error)"
            )
        }
        return RESTRefusal(error.isUnreachable ? 500 : 400, "\(error)")
    }
}
