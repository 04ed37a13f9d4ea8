import Kafka
import Model

/// Looks whether the brokers answer and have the topics; joins no group and reads no record.
struct BrokerCheck {
    let configuration: SinkConfiguration

    /// What the broker has of each partition, or `nil` when the brokers cannot be asked.
    func run(into report: inout CheckReport) -> [TopicPartition: PartitionMarks]? {
        do throws(KafkaError) {
            return try ask(&report)
        } catch {
            let words = SinkError.kafka(error).description
            report.add(error.isConnectionFailure ? .unreachable : .failure, "brokers", words)
            return nil
        }
    }

    private func ask(_ report: inout CheckReport) throws(KafkaError) -> [TopicPartition: PartitionMarks] {
        let secrecy = Secrecy.ofBrokers(
            configuration.bootstrapServers,
            protocol: configuration.brokerProperties["security.protocol"]
        )
        if let secrecy { report.add(.note, "brokers", secrecy) }
        var consumer = try Consumer.open(properties: configuration.consumerProperties)
        do throws(KafkaError) {
            return try look(consumer, &report)
        } catch {
            // Why the connection failed, such as a certificate, is told apart from the call that it failed.
            _ = try? consumer.poll(timeoutMilliseconds: 500)
            let reasons = consumer.takeErrors()
            throw reasons.first { Disagreement($0) != nil }
                ?? reasons.first { $0.name != "_ALL_BROKERS_DOWN" } ?? error
        }
    }

    private func look(
        _ consumer: borrowing Consumer,
        _ report: inout CheckReport
    ) throws(KafkaError) -> [TopicPartition: PartitionMarks] {
        var marks: [TopicPartition: PartitionMarks] = [:]
        let topics = try topics(of: consumer)
        if let pattern = configuration.selection.pattern {
            report.add(.ok, "brokers", configuration.bootstrapServers)
            report.add(
                topics.isEmpty ? .note : .ok,
                "topics.regex",
                topics.isEmpty
                    ? "no topic matches \(pattern.text) yet"
                    : "matches \(topics.count == 1 ? "1 topic" : "\(topics.count) topics")"
            )
        }
        for (index, topic) in topics.enumerated() {
            let places = try consumer.partitions(of: topic, timeoutMilliseconds: 5_000)
            if index == 0, configuration.selection.pattern == nil {
                report.add(.ok, "brokers", configuration.bootstrapServers)
            }
            guard !places.isEmpty else {
                report.add(
                    .failure,
                    "topic \(topic)",
                    "the brokers have no such topic, or this user may not see it"
                )
                continue
            }
            report.add(
                .ok,
                "topic \(topic)",
                places.count == 1 ? "1 partition" : "\(places.count) partitions"
            )
            for place in places {
                let (low, high) = try consumer.watermarks(of: place, timeoutMilliseconds: 5_000)
                marks[place] = PartitionMarks(first: low, end: high)
            }
        }
        if let place = marks.keys.first { checkGroup(place, consumer, &report) }
        if let topic = configuration.errors.deadLetterTopic {
            let count = try consumer.partitions(of: topic.name, timeoutMilliseconds: 5_000).count
            let text =
                count == 0
                ? "is not there; the sink will create it with replication factor \(topic.replicationFactor)"
                : "is there, with \(count) \(count == 1 ? "partition" : "partitions")"
            report.add(.ok, "dead-letter topic \(topic.name)", text)
        }
        return marks
    }

    /// Asks for an offset of the group, which needs a right on it; joining would make its members form it anew.
    private func checkGroup(
        _ place: TopicPartition,
        _ consumer: borrowing Consumer,
        _ report: inout CheckReport
    ) {
        let group = configuration.consumerProperties["group.id"] ?? configuration.groupID
        do throws(KafkaError) {
            _ = try consumer.committed([place], timeoutMilliseconds: 5_000)
        } catch {
            report.add(
                error.isConnectionFailure ? .unreachable : .failure,
                "group \(group)",
                SinkError.kafka(error).description
            )
        }
    }

    /// The topics that are listed, or that match.
    func topics(of consumer: borrowing Consumer) throws(KafkaError) -> [String] {
        guard configuration.selection.pattern != nil else { return configuration.topics }
        return configuration.selection.topics(among: try consumer.topics(timeoutMilliseconds: 5_000))
    }
}

/// Which records of a partition a broker has.
struct PartitionMarks: Hashable, Sendable {
    let first: Int64
    /// The offset after the last record.
    let end: Int64
}
