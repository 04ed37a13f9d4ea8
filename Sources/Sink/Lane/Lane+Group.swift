import Kafka
import Logs
import Model
import Postgres
import Threading

/// What a lane does when the group changes.
extension Lane {
    mutating func obeyGroup() throws(SinkError) {
        while let rebalance = consumer.takeRebalance() {
            try settle()
            switch rebalance {
            case .assigned(let places): try takeOn(places)
            case .revoked(let places): try giveUp(places)
            }
        }
    }

    /// Begins partitions where the destination says, whatever the group has committed.
    private mutating func takeOn(_ places: [TopicPartition]) throws(SinkError) {
        try prepareDeadLetters()
        let stored = try storedProgress(of: places)
        let committed = try committed(places.filter { stored[$0] == nil })
        let known = stored.merging(committed.mapValues(\.offset)) { stored, _ in stored }
        let bounds = try bounds(of: places, reaching: known)
        postpone(places.filter { bounds[$0] == nil }, known)
        var offsets: [TopicPartition: Int64] = [:]
        var fresh: [TopicPartition: Int64] = [:]
        for (place, marks) in bounds.sorted(by: { $0.key < $1.key }) {
            if let next = stored[place] {
                guard marks.low <= next, next <= marks.high else {
                    throw .missingOffset(place, stored: next, low: marks.low, high: marks.high)
                }
                offsets[place] = next
            } else {
                let start = try FirstStart(
                    of: place,
                    committed: committed[place],
                    marks: (marks.low, marks.high),
                    policy: configuration.firstStart
                )
                (offsets[place], fresh[place]) = (start.offset, start.offset)
                if start.reason != .policy(.earliest) {
                    logger.notice(
                        "a partition begins",
                        metadata: [
                            "partition": "\(place)", "offset": "\(start.offset)",
                            "why": "\(start.explanation)",
                        ]
                    )
                }
            }
        }
        try checkLog(offsets.filter { fresh[$0.key] == nil }, lows: bounds.mapValues(\.low))
        let begin = fresh
        let progress = progress
        try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.begin(begin, on: connection, deadline: deadline)
        }
        try checkSafety(offsets, fresh: fresh, bounds: bounds)
        let fetches = pauses.isEmpty
        // The eager protocol has one call for all that a member has, which are more where a leader answers late.
        let others = consumer.isCooperative ? [:] : assignment.offsets
        if !others.isEmpty { try rewind() }
        try kafka { consumer throws(KafkaError) in
            try consumer.assign(offsets.merging(others) { new, _ in new })
            // A partition that was fenced comes back paused: librdkafka keeps that through an unassign.
            if fetches { try consumer.resume(offsets.keys) } else { try consumer.pause(offsets.keys) }
        }
        statistics.rebalanced()
        assignment.add(offsets)
        logger.info("partitions assigned", metadata: ["offsets": "\(Assignment.list(offsets))"])
        try regain(assignment.fenced)
    }

    /// Goes on with partitions that were fenced and are this member's after all.
    ///
    /// 1. This process sleeps, and another member takes its partitions on.
    /// 2. It wakes up and is fenced. The other one leaves.
    /// 3. The group forms anew. A cooperative member that still thinks that it owns a partition, and does, is assigned
    ///    nothing new and asked for nothing back.
    ///
    /// If they are somebody else's, the next batch is fenced again.
    private mutating func regain(_ places: [TopicPartition]) throws(SinkError) {
        guard !places.isEmpty else { return }
        let stored = try storedProgress(of: places)
        let fetches = pauses.isEmpty
        try kafka { consumer throws(KafkaError) in
            for (place, next) in stored { try consumer.seek(place, to: next) }
            if fetches { try consumer.resume(stored.keys) }
        }
        assignment.add(stored)
        logger.info("fenced partitions taken on again", metadata: ["offsets": "\(Assignment.list(stored))"])
    }

    /// Hands partitions on.
    ///
    /// Every batch is applied before the group is obeyed, so nothing is in hand but what came while the
    /// destination was away: that is forgotten, and fetched again by the next owner.
    private mutating func giveUp(_ places: [TopicPartition]) throws(SinkError) {
        try kafka { consumer throws(KafkaError) in try consumer.unassign(places) }
        assignment.remove(places)
        reporter.forget(places)
        leaders.forget(places)
        safety.forget(places)
        statistics.rebalanced()
        for place in places {
            if let slot = assignment.slot(of: place) { waitingRecords[slot] = nil }
        }
        if division.isActive || badRecord != nil || neededChange != nil || !filling.isEmpty
            || !heldDeletes.isEmpty || !waiting.isEmpty
        {
            try rewind()
        }
        logger.info(
            "partitions revoked",
            metadata: ["partitions": "\(places.sorted().map(\.description).joined(separator: " "))"]
        )
    }

    /// Forgets what was fetched and goes on at the stored offsets.
    mutating func rewind() throws(SinkError) {
        precondition(!isInFlight, "the stored offsets are about to move")
        filling.removeAll()
        waiting.removeAll()
        division.cancel()
        badRecord = nil
        neededChange = nil
        heldDeletes = [:]
        isCut = false
        assignment.rewind()
        for (place, offset) in assignment.offsets {
            try kafka { consumer throws(KafkaError) in try consumer.seek(place, to: offset) }
        }
    }

    /// Takes partitions on whose leaders were away, once those answer.
    mutating func takeAwaited() throws(SinkError) {
        guard !assignment.awaited.isEmpty else { return }
        let places = assignment.awaited.keys.filter { leaders.recentEnd(of: $0) != nil }
        guard !places.isEmpty else { return }
        try settle()
        try takeOn(places.sorted())
    }

    /// Waits for the leaders of partitions beside the work on the others.
    private mutating func postpone(_ places: [TopicPartition], _ known: [TopicPartition: Int64]) {
        guard let first = places.first else { return }
        for place in places { assignment.postpone(place, at: known[place] ?? 0) }
        logger.warning(
            "the leaders of some partitions do not answer; these are begun when they do",
            metadata: ["partitions": "\(places.count)", "first": "\(first)"]
        )
    }

    /// What the leaders have of the partitions; those whose leader does not answer are not in it.
    ///
    /// - Parameter offsets: where the lane may begin. One that lies after the end is looked for by reading: not all
    ///   brokers answer this question well (`Consumer.fetchedEnd`).
    private mutating func bounds(
        of places: [TopicPartition],
        reaching offsets: [TopicPartition: Int64]
    ) throws(SinkError) -> [TopicPartition: LogBounds] {
        // All at once: one by one, each leader that is away would hold up the others' partitions.
        let ends = consumer.ends(of: places, timeoutMilliseconds: LeaderWatch.timeoutMilliseconds)
        var bounds: [TopicPartition: LogBounds] = [:]
        for place in places {
            do throws(KafkaError) {
                if case .failure(let error)? = ends[place], error.isTransient { throw error }
                let marks = try consumer.watermarks(
                    of: place,
                    timeoutMilliseconds: LeaderWatch.timeoutMilliseconds
                )
                let epoch = try? ends[place]?.get().leaderEpoch
                bounds[place] = LogBounds(low: marks.low, high: marks.high, leaderEpoch: epoch)
            } catch {
                guard error.isTransient else { throw .kafka(error) }
                reporter.noteBrokers(error)
                leaders.failed(place, error, at: .now())
                continue
            }
            guard let offset = offsets[place], let high = bounds[place]?.high, offset > high else { continue }
            let properties = configuration.lookingProperties
            let found = try asking { _ throws(KafkaError) in
                try PartitionEnds.find([place], properties: properties, deadline: .after(.seconds(20)))
            }
            bounds[place]?.high = found[place] ?? high
        }
        return bounds
    }

    /// The group's own offsets of partitions that were never begun.
    private mutating func committed(
        _ places: [TopicPartition]
    ) throws(SinkError) -> [TopicPartition: CommittedOffset] {
        guard !places.isEmpty else { return [:] }
        return try asking { consumer throws(KafkaError) in
            try consumer.committed(places, timeoutMilliseconds: 5_000)
        }
    }

    /// Asks the brokers until they answer.
    private mutating func asking<Answer>(
        _ question: (borrowing Consumer) throws(KafkaError) -> Answer
    ) throws(SinkError) -> Answer {
        while true {
            do throws(KafkaError) {
                return try question(consumer)
            } catch {
                reporter.noteBrokers(error)
                try report(error)
            }
            tell()
            guard !stop.isRequested else { throw .stopped }
            stop.sleep(.milliseconds(500))
        }
    }
}
