import Kafka
import Model

/// The dead-letter topic as one lane sees it: a producer that is made anew after a failure.
struct DeadLetterQueue: ~Copyable {
    let topic: ErrorPolicy.DeadLetterTopic
    private let connector: String
    private let producerProperties: [String: String]
    private let searchProperties: [String: String]
    private var producer: Producer?
    /// For each partition of the topic an offset that is not after its end.
    private var ends: [Int64] = []
    /// Whether `sink_dead_letters` may have rows of this lane's partitions.
    private(set) var hasPending = false
    /// Whether some of them may have been sent: by an instance that crashed, or by a producer that failed.
    private(set) var isUncertain = false
    private var nextTry = Deadline.after(.zero)
    /// The search for those that may have been sent, while it goes on.
    private var search: DeadLetterSearch?

    init?(_ configuration: SinkConfiguration) {
        guard let topic = configuration.errors.deadLetterTopic else { return nil }
        self.topic = topic
        connector = configuration.name
        producerProperties = configuration.producerProperties
        searchProperties = configuration.lookingProperties
    }

    /// Whether there is something to send and it is time to try.
    var isDue: Bool { hasPending && nextTry.hasPassed }

    var isPrepared: Bool { !ends.isEmpty }

    /// Makes the topic if it is not there, and finds out where it ends.
    ///
    /// One partition, as Connect makes it.
    mutating func prepare() throws(KafkaError) {
        let probe = try Consumer.open(
            properties: searchProperties.merging(["allow.auto.create.topics": "false"]) { $1 }
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
    ///
    /// - Parameter lane: the number of the lane that has the partition.
    func target(of place: TopicPartition, lane: Int) -> DeadLetterTarget {
        precondition(isPrepared, "a lane prepares the queue before it takes partitions on")
        let partition = Int(place.partition) % ends.count
        return DeadLetterTarget(
            place: TopicPartition(topic: topic.name, partition: Int32(partition)),
            searchStart: ends[partition],
            connector: connector,
            taskID: topic.hasContextHeaders ? lane : nil
        )
    }

    /// The partitions of the topic; none before it is prepared.
    var places: [TopicPartition] {
        ends.indices.map { TopicPartition(topic: topic.name, partition: Int32($0)) }
    }

    /// A partition's leader has told where it ends: dead letters that are sent from now on lie after it, so that a search
    /// need not begin before, however much others have sent there.
    mutating func noteEnd(_ offset: Int64, of place: TopicPartition) {
        guard place.topic == topic.name, ends.indices.contains(Int(place.partition)) else { return }
        ends[Int(place.partition)] = max(ends[Int(place.partition)], offset)
    }

    /// Notes that the table may have dead letters.
    ///
    /// - Parameter areUncertain: whether they may have been sent.
    mutating func notePending(areUncertain: Bool) {
        hasPending = true
        if areUncertain {
            isUncertain = true
            search = nil
            nextTry = .after(.zero)
        }
    }

    mutating func noteEmpty() {
        (hasPending, isUncertain) = (false, false)
        search = nil
    }

    /// Brings dead letters into the topic that are not there yet, and waits until the brokers have them.
    ///
    /// - Returns: those that are in the topic now; none while the search for them goes on.
    mutating func deliver(_ letters: [DeadLetter]) throws(KafkaError) -> [DeadLetter] {
        var (delivered, unsent) = (letters, letters)
        if isUncertain {
            guard let (wanted, found) = try searched(letters) else { return [] }
            delivered.removeAll { !wanted.contains($0.origin) }
            unsent = delivered.filter { !found.contains($0.origin) }
        }
        let records = unsent.compactMap(\.record)
        guard !records.isEmpty else { return delivered }
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
        return delivered
    }

    /// What was looked for and what was found; `nil` while the search goes on.
    private mutating func searched(
        _ letters: [DeadLetter]
    ) throws(KafkaError) -> (wanted: Set<DeadLetter.Origin>, found: Set<DeadLetter.Origin>)? {
        var search: DeadLetterSearch
        if let open = self.search.take() {
            search = open
        } else {
            search = try DeadLetterSearch.begin(
                for: letters,
                connector: connector,
                properties: searchProperties
            )
        }
        let isDone: Bool
        do throws(KafkaError) {
            isDone = try search.goOn()
        } catch {
            // It goes on where it was.
            if error.isTransient { self.search = consume search }
            throw error
        }
        guard isDone else {
            self.search = consume search
            return nil
        }
        for (place, position) in search.positions { noteEnd(position, of: place) }
        return (search.wanted, search.found)
    }

    /// Gives up the producer; what it had in hand may have been stored or not.
    mutating func noteFailure() {
        producer = nil
        isUncertain = true
        nextTry = .after(.seconds(1))
    }
}
