/// What becomes of a property of the Java consumer after `consumer.override.`.
enum ConsumerOverride: Equatable {
    /// librdkafka gets it under this name; librdkafka says whether it knows it.
    case passed(String)
    case effectless(String)
    case refused(String)

    init(_ name: String, _ value: String = "") {
        switch name {
        case "partition.assignment.strategy" where value.begins(with: "org.apache.kafka."):
            self = .effectless("partitions are always assigned cooperatively, and stay where they are")
        // Exactly once depends on these; nobody may change them. The group's name is free: progress is stored
        // under the connector's.
        case "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "enable.partition.eof",
            "bootstrap.servers":
            self = .refused("cannot be overridden: the sink's guarantee depends on it")
        case "max.poll.records": self = .effectless("batch.size alone is the limit of a batch")
        case "auto.commit.interval.ms": self = .effectless("progress is stored in the destination")
        case "fetch.max.wait.ms": self = .passed("fetch.wait.max.ms")
        case "key.deserializer", "value.deserializer", "interceptor.classes", "metric.reporters":
            self = .refused("is a class of the Java consumer; there is none here")
        default: self = .passed(name)
        }
    }
}
