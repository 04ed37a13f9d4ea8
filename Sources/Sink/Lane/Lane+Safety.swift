import Kafka
import Logs
import Model
import Postgres

/// How a lane knows that nothing was taken from a log while it was not read.
extension Lane {
    private static let patience: Int32 = 5_000

    /// Compares the logs of partitions with those that the stored offsets belong to, and the time for which nobody read
    /// them with what compaction leaves; stores what is known now.
    ///
    /// - Parameters:
    ///   - offsets: where the partitions go on.
    ///   - fresh: those that begin now.
    ///   - bounds: what their leaders have.
    /// - Throws: `SinkError.otherTopic` or `SinkError.missedDeletes` for the first partition.
    mutating func checkSafety(
        _ offsets: [TopicPartition: Int64],
        fresh: [TopicPartition: Int64],
        bounds: [TopicPartition: LogBounds]
    ) throws(SinkError) {
        let places = offsets.keys.sorted()
        let progress = delivery.progress
        let notes = try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.notes(places, on: connection, deadline: deadline)
        }
        let found = identities(of: places, bounds)
        for place in places where fresh[place] == nil {
            let stored = notes[place]?.identity ?? LogIdentity()
            if let reason = stored.contradiction(by: found[place] ?? LogIdentity()) {
                throw .otherTopic(place, reason: reason)
            }
        }
        learnRetention(of: places)
        let now = Moment.wallNow() / 1_000
        for place in places {
            // A row of an earlier version does not say since when it stood still; from now on it does.
            let since = fresh[place] == nil ? notes[place]?.currentAt : now
            safety.isSafe(place, since: max(since ?? now, min(notes[place]?.lastTimestamp ?? 0, now)))
            try checkDeletes(place, next: offsets[place] ?? 0, end: bounds[place]?.high ?? 0, now: now)
        }
        try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.note(found, on: connection, deadline: deadline)
        }
    }

    /// Looks once in a while whether the partitions still are read in time, and notes those that are read to their ends.
    mutating func watchDeletes() throws(SinkError) {
        guard safety.isDue() else { return }
        let now = Moment.wallNow() / 1_000
        var current: [TopicPartition: Int64] = [:]
        for partition in membership.assignment.partitions
        where partition.isOwned && partition.fencedSince == nil {
            let place = partition.place
            guard safety.risk(of: place) != nil else { continue }
            let end = membership.leaders.recentEnd(of: place)
            if let end, end <= partition.applied {
                current[place] = partition.applied
                safety.isSafe(place, since: now)
            }
            try checkDeletes(place, next: partition.applied, end: end ?? partition.fetched, now: now)
        }
        guard !current.isEmpty, !delivery.isInFlight else { return }
        let (progress, offsets) = (delivery.progress, current)
        try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.noteCurrent(offsets, on: connection, deadline: deadline)
        }
    }

    private func checkDeletes(
        _ place: TopicPartition,
        next: Int64,
        end: Int64,
        now: Int64
    ) throws(SinkError) {
        guard let loss = safety.loss(of: place, hasUnread: end > next, now: now) else { return }
        throw .missedDeletes(place, next: next, safeSince: loss.since, retention: loss.retention, now: now)
    }

    /// What the brokers say of the partitions' logs; what they do not tell is left open.
    private func identities(
        of places: [TopicPartition],
        _ bounds: [TopicPartition: LogBounds]
    ) -> [TopicPartition: LogIdentity] {
        let topics = Array(Set(places.map(\.topic))).sorted()
        var ids: [String: String] = [:]
        do throws(KafkaError) {
            ids = try membership.consumer.topicIDs(of: topics, timeoutMilliseconds: Self.patience)
        } catch {
            logger.warning("the topics' identifiers are not known", metadata: ["error": "\(error)"])
        }
        var identities: [TopicPartition: LogIdentity] = [:]
        for place in places {
            var identity = LogIdentity(topicID: ids[place.topic])
            identity.leaderEpoch = bounds[place]?.leaderEpoch
            identities[place] = identity
        }
        return identities
    }

    /// Asks for how long the topics keep tombstones, where deletes matter.
    private mutating func learnRetention(of places: [TopicPartition]) {
        guard configuration.modes.deletesRows else { return }
        let topics = Array(Set(places.map(\.topic))).sorted()
        let answers: [String: Result<[String: String], KafkaError>]
        do throws(KafkaError) {
            answers = try membership.consumer.settings(of: topics, timeoutMilliseconds: Self.patience)
        } catch {
            return warn(of: topics, error)
        }
        for topic in topics {
            switch answers[topic] {
            case .success(let settings)?: safety.learned(TombstoneRisk(settings: settings), of: topic)
            case .failure(let error)?: warn(of: [topic], error)
            case nil: continue
            }
        }
    }

    private func warn(of topics: [String], _ error: KafkaError) {
        logger.warning(
            """
            whether compaction took deletes while the sink was away is not known: give the sink's user the right \
            DescribeConfigs on the topic
            """,
            metadata: ["topics": "\(topics.prefix(5).joined(separator: ","))", "error": "\(error)"]
        )
    }
}
