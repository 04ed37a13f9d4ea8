import Kafka
import Model
import Threading

/// The two topics of a group of workers: one that keeps its state for ever, one on which its workers are heard.
struct WorkerTopics: Sendable {
    /// A topic, and what it is made with where it is not there.
    struct Topic: Sendable, Equatable {
        let name: String
        /// -1 for the brokers' default.
        let replicationFactor: Int32
    }

    let state: Topic
    let status: Topic

    private static let timeoutMilliseconds: Int32 = 10_000

    /// Makes what is missing, and looks whether the state can be kept in what is there.
    ///
    /// - Throws: `WorkerError` that says what to do.
    func prepare(_ configuration: WorkerConfiguration) throws(WorkerError) {
        let objection: String?
        do throws(KafkaError) {
            let producer = try Producer.open(properties: configuration.producerProperties)
            let consumer = try Consumer.open(properties: configuration.consumerProperties)
            for topic in [state, status] {
                let there = try consumer.partitions(
                    of: topic.name,
                    timeoutMilliseconds: Self.timeoutMilliseconds
                )
                guard there.isEmpty else { continue }
                try producer.createTopic(
                    topic.name,
                    partitionCount: 1,
                    replicationFactor: topic.replicationFactor,
                    settings: ["cleanup.policy": "compact"],
                    timeoutMilliseconds: Self.timeoutMilliseconds
                )
            }
            try waitUntilThere(consumer)
            objection = try self.objection(consumer)
        } catch {
            throw .kafka(error)
        }
        if let objection { throw .topic(state.name, reason: objection) }
    }

    /// A topic that was just made is known to each broker a moment later.
    private func waitUntilThere(_ consumer: borrowing Consumer) throws(KafkaError) {
        let (deadline, pause) = (Deadline.after(.seconds(20)), StopSignal())
        for topic in [state, status] {
            while try consumer.partitions(of: topic.name, timeoutMilliseconds: Self.timeoutMilliseconds)
                .isEmpty
            {
                guard !deadline.hasPassed else {
                    throw KafkaError(
                        name: "UNKNOWN_TOPIC_OR_PART",
                        message: "the topic was made, and no broker knows it yet: try again",
                        context: "topic \(topic.name)"
                    )
                }
                pause.sleep(.milliseconds(100))
            }
        }
    }

    /// Why the state cannot be kept in its topic.
    private func objection(_ consumer: borrowing Consumer) throws(KafkaError) -> String? {
        let timeout = Self.timeoutMilliseconds
        let count = try consumer.partitions(of: state.name, timeoutMilliseconds: timeout).count
        let settings = try consumer.settings(of: [state.name], timeoutMilliseconds: timeout)[state.name]
        guard count == 1 else { return "has \(count) partitions, and must have one" }
        // Who may not read the settings is not told; then nobody can look.
        guard case .success(let settings)? = settings, let policy = settings["cleanup.policy"] else {
            return nil
        }
        let policies = policy.parts(at: ",").map(\.trimmed)
        guard policies.holds("compact"), policies.count == 1 else {
            return
                "has cleanup.policy=\(policy), with which connectors would be forgotten: set it to compact"
        }
        return nil
    }
}

/// Why a worker does not start, or ends.
enum WorkerError: Error, CustomStringConvertible {
    case kafka(KafkaError)
    case topic(String, reason: String)

    var description: String {
        switch self {
        case .kafka(let error): error.description
        case .topic(let name, let reason): "topic \(name) \(reason)"
        }
    }
}
