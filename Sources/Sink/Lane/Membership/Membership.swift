import Kafka
import Logs
import Model
import Threading

/// What a lane is in its group: the consumer, the partitions that it was given, and whether they are fetched.
///
/// | event | then |
/// |---|---|
/// | the topics are there, or half a minute passed | subscribe |
/// | the group gives partitions | `take`: read them where the destination says |
/// | a leader does not answer | `postpone`: its partition waits, the others go on |
/// | the group asks partitions back | `giveUp` |
/// | a reason not to fetch comes | `pause` all |
/// | no reason is left | fetch again, and doubt the logs: nobody looked meanwhile |
/// | what was fetched is not to be applied | `rewind` to what the destination has |
/// | nobody has some partitions | leave, and join again (`GroupWatch`) |
struct Membership: ~Copyable {
    let configuration: SinkConfiguration
    let logger: Logger
    /// The lane's number in its process.
    let index: Int
    var consumer: Consumer
    var assignment = Assignment()
    /// Why nothing is fetched.
    private(set) var pauses = FetchPauses()
    /// Which partitions' leaders answer.
    var leaders = LeaderWatch()
    /// Whether each partition is some member's.
    var groupWatch = GroupWatch()
    var subscription = Subscription()
    /// Whether the partitions' logs are to be looked at before the next batch is sent.
    var doubt = LogDoubt()
    private var commits = CommitSchedule()

    /// - Throws: `KafkaError` when librdkafka refuses a property.
    init(_ configuration: SinkConfiguration, index: Int, logger: Logger) throws(KafkaError) {
        consumer = try Consumer.open(properties: configuration.memberProperties(lane: index))
        (self.configuration, self.index, self.logger) = (configuration, index, logger)
    }

    /// Begins anew with another consumer: the one that was refused is of no use any more.
    mutating func reopen() throws(SinkError) {
        do throws(KafkaError) {
            consumer = try Consumer.open(properties: configuration.memberProperties(lane: index))
        } catch {
            throw .kafka(error)
        }
        subscription = Subscription()
    }

    /// Runs a call of the consumer whose failure ends the lane.
    func kafka(_ call: (borrowing Consumer) throws(KafkaError) -> Void) throws(SinkError) {
        do throws(KafkaError) {
            try call(consumer)
        } catch {
            throw .kafka(error)
        }
    }

    /// Says what passes by itself, and ends the lane for anything else.
    func report(_ error: KafkaError) throws(SinkError) {
        guard error.isTransient else { throw .kafka(error) }
        logger.warning("the broker reports", metadata: ["error": "\(error)"])
    }

    /// The slot of a record's partition; `nil` for a partition that is not owned.
    mutating func slot(of message: borrowing Message) -> Int? {
        let topicIndex = message.topicIndex
        return assignment.slot(
            topicIndex: topicIndex,
            partition: message.partition,
            topic: consumer.topicName(topicIndex)
        )
    }

    // MARK: Partitions

    /// Begins partitions at these offsets.
    ///
    /// The eager protocol has one call for all that a member has, which are more where a leader answers late: they are
    /// moved back by the caller before.
    mutating func take(_ offsets: [TopicPartition: Int64]) throws(SinkError) {
        let others = consumer.isCooperative ? [:] : assignment.offsets
        let fetches = pauses.isEmpty
        try kafka { consumer throws(KafkaError) in
            try consumer.assign(offsets.merging(others) { new, _ in new })
            // A partition that was fenced comes back paused: librdkafka keeps that through an unassign.
            if fetches { try consumer.resume(offsets.keys) } else { try consumer.pause(offsets.keys) }
        }
        assignment.add(offsets)
    }

    /// Goes on with partitions that are this member's after all.
    mutating func regain(_ offsets: [TopicPartition: Int64]) throws(SinkError) {
        let fetches = pauses.isEmpty
        try kafka { consumer throws(KafkaError) in
            for (place, next) in offsets { try consumer.seek(place, to: next) }
            if fetches { try consumer.resume(offsets.keys) }
        }
        assignment.add(offsets)
    }

    mutating func giveUp(_ places: [TopicPartition]) throws(SinkError) {
        try kafka { consumer throws(KafkaError) in try consumer.unassign(places) }
        assignment.remove(places)
        leaders.forget(places)
    }

    /// Leaves partitions alone whose progress somebody else moved, until the group says whose they are.
    mutating func fence(_ places: [TopicPartition]) throws(SinkError) {
        for place in places {
            if let slot = assignment.slot(of: place) { assignment.partitions[slot].fencedSince = .now() }
        }
        try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
    }

    /// Goes back to what the destination has.
    mutating func rewind() throws(SinkError) {
        assignment.rewind()
        for (place, offset) in assignment.offsets {
            try kafka { consumer throws(KafkaError) in try consumer.seek(place, to: offset) }
        }
    }

    // MARK: Pauses

    /// Fetches nothing until `resume` is called for each reason.
    ///
    /// - Returns: whether the reason is new.
    mutating func pause(_ reason: FetchPauses.Reason) throws(SinkError) -> Bool {
        guard pauses.begin(reason) else { return false }
        let places = assignment.offsets.keys
        try kafka { consumer throws(KafkaError) in try consumer.pause(places) }
        return true
    }

    /// Fetches again when no other reason is left.
    ///
    /// - Returns: whether the reason was there.
    mutating func resume(_ reason: FetchPauses.Reason) throws(SinkError) -> Bool {
        guard pauses.end(reason) else { return false }
        guard pauses.isEmpty else { return true }
        doubt.resumed()
        let places = assignment.offsets.keys
        try kafka { consumer throws(KafkaError) in try consumer.resume(places) }
        return true
    }

    // MARK: Offsets

    /// Tells Kafka how far the destination is.
    ///
    /// A failure changes nothing: the next one tells it again.
    mutating func commit(isFinal: Bool) {
        guard let offsets = commits.due(assignment.offsets, isFinal: isFinal) else { return }
        do throws(KafkaError) {
            try consumer.commit(offsets, note: CommittedOffset.ownNote)
        } catch {
            logger.debug("offsets not committed to Kafka", metadata: ["error": "\(error)"])
        }
    }

    /// Asks the leaders where partitions end, once in a while; nothing is waited for.
    ///
    /// - Parameter others: partitions that are not this lane's and asked for with them.
    mutating func askEnds(_ others: [TopicPartition]) {
        let places = leaders.due(assignment)
        guard !places.isEmpty else { return }
        consumer.askEnds(
            Array(Set(places + others)),
            timeoutMilliseconds: LeaderWatch.timeoutMilliseconds
        )
    }

    /// Commits what is applied, leaves the group and so hands the partitions on at once.
    mutating func leave() {
        commit(isFinal: true)
        do throws(KafkaError) {
            try consumer.close()
        } catch {
            logger.warning("could not leave the group in order", metadata: ["error": "\(error)"])
        }
    }
}

/// The topics that a group was joined for.
struct Subscription {
    var topics: [String] = []
    /// When to look for topics that match `topics.regex` and were not there before.
    var nextLook = Deadline.after(.zero)
}
