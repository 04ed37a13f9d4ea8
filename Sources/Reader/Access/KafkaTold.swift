package import Kafka

extension KafkaError {
    /// The error with what a person does about it, for whoever runs the reader.
    package var told: String {
        if let disagreement = Disagreement(self) {
            return "\(self); in the file of --kafka-properties: \(disagreement.remedy)"
        }
        switch name {
        case "TOPIC_AUTHORIZATION_FAILED":
            return "\(self); the reader needs READ on the topic, the guard on all topics of its connector "
                + "(docs/kafka.md)"
        case "GROUP_AUTHORIZATION_FAILED":
            return "\(self); the reader needs DESCRIBE on its groups, or on the one that group.id in "
                + "--kafka-properties names (docs/kafka.md)"
        default: return description
        }
    }
}
