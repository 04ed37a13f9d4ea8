import Kafka
import Logs
import Model
import Postgres
import Threading

/// What a lane does when the group changes.
extension Lane {
    mutating func obeyGroup() throws(SinkError) {
        while let rebalance = membership.consumer.takeRebalance() {
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
        let plan = try StartPlan(
            stored: stored,
            committed: committed,
            bounds: bounds,
            policy: configuration.firstStart
        )
        for (place, start) in plan.fresh where start.reason != .policy(.earliest) {
            logger.notice(
                "a partition begins",
                metadata: [
                    "partition": "\(place)", "offset": "\(start.offset)", "why": "\(start.explanation)",
                ]
            )
        }
        try checkLog(plan.continued, lows: bounds.mapValues(\.low))
        let (progress, fresh) = (delivery.progress, plan.fresh.mapValues(\.offset))
        try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.begin(fresh, on: connection, deadline: deadline)
        }
        try checkSafety(plan.offsets, fresh: fresh, bounds: bounds)
        if !membership.consumer.isCooperative, !membership.assignment.offsets.isEmpty { try rewind() }
        try membership.take(plan.offsets)
        statistics.rebalanced()
        logger.info("partitions assigned", metadata: ["offsets": "\(Assignment.list(plan.offsets))"])
        try regain(membership.assignment.fenced)
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
        try membership.regain(stored)
        logger.info("fenced partitions taken on again", metadata: ["offsets": "\(Assignment.list(stored))"])
    }

    /// Hands partitions on.
    ///
    /// Every batch is applied before the group is obeyed, so nothing is in hand but what came while the
    /// destination was away: that is forgotten, and fetched again by the next owner.
    private mutating func giveUp(_ places: [TopicPartition]) throws(SinkError) {
        try membership.giveUp(places)
        reporter.forget(places)
        safety.forget(places)
        statistics.rebalanced()
        for place in places {
            if let slot = membership.assignment.slot(of: place) { intake.waitingRecords[slot] = nil }
        }
        if !intake.isEmpty { try rewind() }
        logger.info(
            "partitions revoked",
            metadata: ["partitions": "\(places.sorted().map(\.description).joined(separator: " "))"]
        )
    }

    /// Takes partitions on whose leaders were away, once those answer.
    mutating func takeAwaited() throws(SinkError) {
        guard !membership.assignment.awaited.isEmpty else { return }
        let places = membership.assignment.awaited.keys.filter { membership.leaders.recentEnd(of: $0) != nil }
        guard !places.isEmpty else { return }
        try settle()
        try takeOn(places.sorted())
    }

    /// Waits for the leaders of partitions beside the work on the others.
    private mutating func postpone(_ places: [TopicPartition], _ known: [TopicPartition: Int64]) {
        guard let first = places.first else { return }
        for place in places { membership.assignment.postpone(place, at: known[place] ?? 0) }
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
        let ends = membership.consumer.ends(of: places, timeoutMilliseconds: LeaderWatch.timeoutMilliseconds)
        var bounds: [TopicPartition: LogBounds] = [:]
        for place in places {
            do throws(KafkaError) {
                if case .failure(let error)? = ends[place], error.isTransient { throw error }
                let marks = try membership.consumer.watermarks(
                    of: place,
                    timeoutMilliseconds: LeaderWatch.timeoutMilliseconds
                )
                let epoch = try? ends[place]?.get().leaderEpoch
                bounds[place] = LogBounds(low: marks.low, high: marks.high, leaderEpoch: epoch)
            } catch {
                guard error.isTransient else { throw .kafka(error) }
                reporter.noteBrokers(error)
                membership.leaders.failed(place, error, at: .now())
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
                return try question(membership.consumer)
            } catch {
                reporter.noteBrokers(error)
                try membership.report(error)
            }
            tell()
            guard !stop.isRequested else { throw .stopped }
            stop.sleep(.milliseconds(500))
        }
    }
}
