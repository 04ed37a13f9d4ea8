import Shared

/// The dead-letter topic as one lane sees it: a producer that is made anew after a failure.
struct DeadLetterQueue: ~Copyable {
    let topic: ErrorPolicy.DeadLetterTopic
    private let connector: String
    private let producerProperties: [String: String]
    private let searchProperties: [String: String]
    private var producer: Producer?
    /// For each partition of the topic an offset that is not behind its end.
    private var ends: [Int64] = []
    /// Whether `sink_dead_letters` may have rows of this lane's partitions.
    private(set) var hasPending = false
    /// Whether some of them may have been sent: by an instance that crashed, or by a producer that failed.
    private(set) var isUncertain = false
    private var nextTry = Deadline.after(.zero)

    init?(_ configuration: SinkConfiguration) {
        guard let topic = configuration.errors.deadLetterTopic else { return nil }
        self.topic = topic
        connector = configuration.name
        producerProperties = configuration.producerProperties
        searchProperties = configuration.brokerProperties
    }

    /// Whether there is something to send and it is time to try.
    var isDue: Bool { hasPending && nextTry.hasPassed }

    var isPrepared: Bool { !ends.isEmpty }

    /// Makes the topic if it is not there, and finds out where it ends.
    ///
    /// One partition, as Connect makes it.
    mutating func prepare() throws(KafkaError) {
        let probe = try Consumer.open(
            properties: searchProperties.merging([
                "group.id": "handover-dead-letters", "allow.auto.create.topics": "false",
            ]) { $1 }
        )
        var places = try probe.partitions(of: topic.name, timeoutMilliseconds: 5_000)
        if places.isEmpty {
            let maker = try Producer.open(properties: producerProperties)
            try maker.createTopic(
                topic.name,
                partitionCount: 1,
                replicationFactor: Int32(topic.replicationFactor),
                timeoutMilliseconds: 10_000
            )
            places = [TopicPartition(topic: topic.name, partition: 0)]
        }
        let found = try PartitionEnds.find(
            places,
            properties: searchProperties,
            deadline: .after(.seconds(20))
        )
        ends = places.sorted().map { found[$0] ?? 0 }
    }

    /// Where the dead letters of a partition go: all to one partition, so that they keep their order.
    func target(of place: TopicPartition) -> (place: TopicPartition, searchStart: Int64) {
        precondition(isPrepared, "a lane prepares the queue before it takes partitions on")
        let partition = Int(place.partition) % ends.count
        return (TopicPartition(topic: topic.name, partition: Int32(partition)), ends[partition])
    }

    /// Notes that the table may have dead letters.
    ///
    /// - Parameter areUncertain: whether they may have been sent.
    mutating func notePending(areUncertain: Bool) {
        hasPending = true
        if areUncertain {
            isUncertain = true
            nextTry = .after(.zero)
        }
    }

    mutating func noteEmpty() {
        (hasPending, isUncertain) = (false, false)
    }

    /// Brings dead letters into the topic that are not there yet, and waits until the brokers have them.
    mutating func deliver(_ letters: [DeadLetter]) throws(KafkaError) {
        var unsent = letters
        if isUncertain {
            let found = try DeadLetterSearch.find(
                letters,
                connector: connector,
                properties: searchProperties,
                deadline: .after(.seconds(60))
            )
            unsent.removeAll { found.contains($0.origin) }
        }
        let records = unsent.compactMap(\.record)
        guard !records.isEmpty else { return }
        var producer: Producer
        if let open = self.producer.take() {
            producer = open
        } else {
            producer = try Producer.open(properties: producerProperties)
        }
        let offsets = try producer.send(records)
        self.producer = consume producer
        for (record, offset) in zip(records, offsets) where record.place.topic == topic.name {
            let partition = Int(record.place.partition)
            if ends.indices.contains(partition) { ends[partition] = max(ends[partition], offset + 1) }
        }
    }

    /// Gives up the producer; what it had in hand may have been stored or not.
    mutating func noteFailure() {
        producer = nil
        isUncertain = true
        nextTry = .after(.seconds(1))
    }
}
