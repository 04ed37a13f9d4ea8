import Kafka

/// What a person does about an error of the brokers that waiting does not mend.
enum KafkaRemedy {
    /// By the names of the errors, as librdkafka gives them.
    static func of(_ error: KafkaError) -> String? {
        if let disagreement = Disagreement(error) {
            return "with consumer.override. in front: \(disagreement.remedy)"
        }
        if error.exceedsLimit {
            return
                "a record is larger than that: give consumer.override.receive.message.max.bytes the topic's "
                + "max.message.bytes and 64 KiB more, or leave it out (100 MB)"
        }
        return switch error.name {
        case "INVALID_SESSION_TIMEOUT":
            "the brokers allow group.min.session.timeout.ms to group.max.session.timeout.ms; give "
                + "consumer.override.session.timeout.ms one of those, and consumer.override.heartbeat.interval.ms a third "
                + "of it"
        case "GROUP_AUTHORIZATION_FAILED":
            "the sink needs READ on its group (connect-NAME, or consumer.override.group.id)"
        case "TOPIC_AUTHORIZATION_FAILED": "the sink needs READ and DESCRIBE on its topics"
        case "_AUTO_OFFSET_RESET", "OFFSET_OUT_OF_RANGE", "_LOG_TRUNCATION":
            "The topic was made anew, an unclean election cut its log, or its retention has overtaken the sink. Nothing was "
                + "skipped or applied twice. Start the sink again and it says what the broker has; compare the tables, "
                + "then choose the offset: sink reset FILE --topic TOPIC --partition NUMBER --to "
                + "earliest|latest|group|OFFSET|TIME"
        case "FENCED_INSTANCE_ID":
            "another process runs with the same consumer.override.group.instance.id; give each its own"
        case "GROUP_MAX_SIZE_REACHED":
            "the group has as many members as the brokers allow (group.max.size); run fewer lanes"
        case "INCONSISTENT_GROUP_PROTOCOL":
            "other members of the group use another assignor or protocol; stop them, or give "
                + "consumer.override.group.id another name"
        default: nil
        }
    }

    /// About the dead-letter topic, to which the sink has another relation than to those that it reads.
    static func ofDeadLetters(_ error: KafkaError) -> String {
        if let disagreement = Disagreement(error) {
            return "with producer.override. or consumer.override. in front: \(disagreement.remedy)"
        }
        return switch error.name {
        // A producer with idempotence asks for its number first, and is refused for the cluster, when it may write to
        // no topic at all.
        case "TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED":
            "the sink needs READ and WRITE on the dead-letter topic, and CREATE where it is not there"
        case "INVALID_REPLICATION_FACTOR":
            "give errors.deadletterqueue.topic.replication.factor a number that the brokers have"
        default: "correct the dead-letter topic (its rights, replication factor, max.message.bytes)"
        }
    }
}
