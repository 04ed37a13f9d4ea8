extension PropertyCatalog {
    static let retries = Property.number(
        "flush.max.retries",
        "max.retries",
        in: 0...1_000_000,
        default: 60,
        means: "how often a record is tried again that a foreign key or unique constraint refuses: "
            + "[order](modes.md#rows-that-wait-for-others). Lost connections and deadlocks are retried without end",
        peers: "5 for errors of the connection only; Confluent 10 for all"
    )
    static let retryDelay = Property.number(
        "flush.retry.delay.ms",
        "retry.backoff.ms",
        in: 1...600_000,
        default: 1_000,
        means: "the pause before such a try",
        peers: "1000; Confluent 3000"
    )
    static let tolerance = Property.choice(
        "errors.tolerance",
        default: ErrorPolicy.Tolerance.none,
        means:
            "`none`: a record that cannot be applied stops the sink, with its topic, partition, offset and key; "
            + "`all`: the sink goes on without it: [errors](errors.md)"
    )
    static let deadLetterTopic = Property.text(
        "errors.deadletterqueue.topic.name",
        values: "a topic",
        means: "where such records go, each exactly once; without it they are logged and counted",
        peers: "Debezium only with `internal.enable.sces`; at least once"
    )
    static let deadLetterReplicas = Property.number(
        "errors.deadletterqueue.topic.replication.factor",
        in: 1...Int(Int16.max),
        default: 3,
        means: "copies of each dead letter, where the sink makes the topic"
    )
    static let deadLetterHeaders = Property.flag(
        "errors.deadletterqueue.context.headers.enable",
        default: false,
        means: "whether dead letters say why in Connect's headers; where they come from they always say"
    )

    static let errors = Group(
        "Errors",
        [
            retries.entry, retryDelay.entry,
            .effectless("connection.attempts", because: endless),
            .effectless("connection.backoff.ms", because: endless),
            .effectless("connection.restart.on.errors", because: endless),
            tolerance.entry,
            .effectless(
                "errors.retry.timeout",
                "errors.retry.delay.max.ms",
                because: "decoding here has no errors that pass by themselves"
            ),
            .effectless(
                "errors.log.enable",
                "errors.log.include.messages",
                because: "errors are always logged with topic, partition and offset, never with values"
            ),
            deadLetterTopic.entry, deadLetterReplicas.entry, deadLetterHeaders.entry,
        ]
    )

    private static let endless =
        "lost connections and deadlocks are retried without end, with growing pauses"
}
