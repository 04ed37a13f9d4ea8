import Kafka
import Logs
import Model
import Threading

/// How a lane comes into its group, and which topics it asks for.
extension Lane {
    /// Joins the group once the topics are there, or after half a minute without them.
    ///
    /// A member that joins before makes the group form twice, which takes several session timeouts; topics that
    /// come later still are found by librdkafka.
    mutating func join() throws(SinkError) {
        guard configuration.selection.pattern == nil else { return try joinMatching() }
        let end = Deadline.after(.seconds(30))
        var missing = configuration.topics
        var hasWarned = false
        while !stop.isRequested, !end.hasPassed {
            do throws(KafkaError) {
                while let topic = missing.last {
                    guard try !membership.consumer.partitions(of: topic, timeoutMilliseconds: 2_000).isEmpty
                    else {
                        break
                    }
                    missing.removeLast()
                }
            } catch {
                reporter.noteBrokers(error)
                try membership.report(error)
                try refuseDisagreement()
            }
            if missing.isEmpty { break }
            tell()
            if !hasWarned {
                logger.warning("waiting for topics", metadata: ["first": "\(missing[missing.count - 1])"])
                hasWarned = true
            }
            // Serves librdkafka's errors too: they say why there is no connection.
            _ = try poll(250)
        }
        membership.subscription.topics = configuration.topics
        try subscribe()
    }

    private func subscribe() throws(SinkError) {
        let topics = membership.subscription.topics
        try membership.kafka { consumer throws(KafkaError) in try consumer.subscribe(to: topics) }
    }

    /// Has the group form anew where partitions are nobody's, by leaving it and joining again.
    ///
    /// One lane of a process looks for all of it; with `group.protocol=consumer` the brokers divide, and know what there is.
    mutating func watchGroup() throws(SinkError) {
        if membership.groupWatch.takeReturn() { return try subscribe() }
        guard control.index == 0, configuration.consumerOverrides["group.protocol"] != "consumer" else {
            return
        }
        if let topics = membership.consumer.takeTopics() {
            let strangers = membership.groupWatch.strangers(in: topics, besides: membership.assignment.places)
            if !strangers.isEmpty { try findOwners(of: strangers) }
        }
        guard membership.groupWatch.isDue() else { return }
        membership.consumer.askTopics(
            membership.subscription.topics,
            timeoutMilliseconds: GroupWatch.timeoutMilliseconds
        )
    }

    private mutating func findOwners(of strangers: Set<TopicPartition>) throws(SinkError) {
        let group = configuration.consumerProperties["group.id"] ?? configuration.groupID
        // Where it fails the next look is soon, and what is wrong with the brokers shows elsewhere.
        let members = try? membership.consumer.members(
            of: group,
            timeoutMilliseconds: GroupWatch.timeoutMilliseconds
        )
        guard let members, let first = membership.groupWatch.abandoned(strangers, by: members) else { return }
        try leaveToReturn(because: first)
    }

    /// Leaves the group; `watchGroup` joins again.
    ///
    /// - Parameter partition: one that no member has.
    private mutating func leaveToReturn(because partition: TopicPartition) throws(SinkError) {
        logger.warning(
            "no member of the group was given some partitions; leaving it and joining again, so that it divides anew",
            metadata: ["first": "\(partition)"]
        )
        try settle()
        try membership.kafka { consumer throws(KafkaError) in try consumer.unsubscribe() }
        // The brokers wait for a static member until its session is over, and give it back what it had.
        let properties = configuration.memberProperties(lane: control.index)
        let session = properties["session.timeout.ms"].flatMap { Int64($0) } ?? 45_000
        let isStatic = properties["group.instance.id"] != nil
        membership.groupWatch.left(for: isStatic ? .milliseconds(session + 1_000) : .zero)
    }

    /// Ends a lane that no broker ever let in, when the reason is TLS or the login: at its start somebody looks.
    ///
    /// Later the same is waited for: a broker whose certificate or user is being exchanged lets clients in again.
    private mutating func refuseDisagreement() throws(SinkError) {
        var errors = connectionErrors()
        // Serves librdkafka's errors; there is no subscription yet, so no record can come.
        _ = try poll(0)
        errors += connectionErrors()
        if let error = errors.first(where: { Disagreement($0) != nil }) { throw .kafka(error) }
    }

    /// Waits until a topic matches; those that match later are membership.subscription.topics between two batches.
    private mutating func joinMatching() throws(SinkError) {
        let end = Deadline.after(.seconds(30))
        while !stop.isRequested, !end.hasPassed {
            membership.subscription.nextLook = .after(.zero)
            let doAnswer = try subscribeMatching()
            guard membership.subscription.topics.isEmpty else { return }
            if !doAnswer { try refuseDisagreement() }
            stop.sleep(.milliseconds(250))
        }
        logger.warning("no topic matches", metadata: ["topics.regex": "\(configuration.selection)"])
    }

    /// Subscribes topics that match `topics.regex`, from time to time.
    ///
    /// A topic that goes away stays subscribed, like one that is listed. librdkafka would match by itself, but
    /// with POSIX expressions, and without the names that must not be taken.
    ///
    /// - Returns: whether the brokers answered, as far as they were asked.
    @discardableResult
    mutating func subscribeMatching() throws(SinkError) -> Bool {
        guard configuration.selection.pattern != nil, membership.subscription.nextLook.hasPassed else {
            return true
        }
        membership.subscription.nextLook = .after(configuration.topicRefreshInterval)
        var found: [String] = []
        do throws(KafkaError) {
            found = configuration.selection.topics(
                among: try membership.consumer.topics(timeoutMilliseconds: 2_000)
            )
        } catch {
            try membership.report(error)
            return false
        }
        let new = found.filter { !membership.subscription.topics.contains($0) }
        guard !new.isEmpty else { return true }
        if configuration.modes.evolution.requiresTables {
            try settle()
            for name in configuration.tableNames(of: new) { _ = try readTable(name).get() }
        }
        membership.subscription.topics = (membership.subscription.topics + new).sorted()
        try subscribe()
        logger.info(
            "topics match",
            metadata: [
                "new": "\(new.joined(separator: ","))", "all": "\(membership.subscription.topics.count)",
            ]
        )
        return true
    }

    /// Whether the group has a member of this lane's `group.instance.id`, before this one ever had a partition.
    ///
    /// With `group.protocol=consumer` a static member that is started again right after it was killed is refused until
    /// its session is over; with the classic protocol it takes the place of the dead one.
    func isNameTaken(_ error: KafkaError) -> Bool {
        error.name == "UNRELEASED_INSTANCE_ID" && membership.assignment.partitions.isEmpty
    }

    /// Joins with another consumer: the one that was refused is of no use any more.
    mutating func joinAgain(_ reason: KafkaError) throws(SinkError) {
        logger.warning(
            "the group still counts a member of this group.instance.id; joining again until its session is over",
            metadata: ["error": "\(reason)"]
        )
        reporter.noteBrokers(reason)
        tell()
        stop.sleep(.seconds(2))
        guard !stop.isRequested else { throw .stopped }
        try membership.reopen()
        try join()
    }
}
