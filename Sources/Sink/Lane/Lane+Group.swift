import Logging
import Shared

/// What a lane does when the group changes.
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
                    guard try !consumer.partitions(of: topic, timeoutMilliseconds: 2_000).isEmpty else {
                        break
                    }
                    missing.removeLast()
                }
            } catch {
                reporter.noteBrokers(error)
                try report(error)
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
        try kafka { consumer throws(KafkaError) in try consumer.subscribe(to: configuration.topics) }
    }

    /// Waits until a topic matches; those that match later are subscribed between two batches.
    private mutating func joinMatching() throws(SinkError) {
        let end = Deadline.after(.seconds(30))
        while !stop.isRequested, !end.hasPassed {
            nextTopicLook = .after(.zero)
            try subscribeMatching()
            guard subscribed.isEmpty else { return }
            stop.sleep(.milliseconds(250))
        }
        logger.warning("no topic matches", metadata: ["topics.regex": "\(configuration.selection)"])
    }

    /// Subscribes topics that match `topics.regex`, from time to time.
    ///
    /// A topic that goes away stays subscribed, like one that is listed. librdkafka would match by itself, but
    /// with POSIX expressions, and without the names that must not be taken.
    mutating func subscribeMatching() throws(SinkError) {
        guard configuration.selection.pattern != nil, nextTopicLook.hasPassed else { return }
        nextTopicLook = .after(configuration.topicRefreshInterval)
        var found: [String] = []
        do throws(KafkaError) {
            found = configuration.selection.topics(among: try consumer.topics(timeoutMilliseconds: 2_000))
        } catch {
            return try report(error)
        }
        let new = found.filter { !subscribed.contains($0) }
        guard !new.isEmpty else { return }
        if configuration.modes.evolution.requiresTables {
            try settle()
            for name in configuration.tableNames(of: new) { _ = try readTable(name).get() }
        }
        subscribed = (subscribed + new).sorted()
        let topics = subscribed
        try kafka { consumer throws(KafkaError) in try consumer.subscribe(to: topics) }
        logger.info(
            "topics match",
            metadata: ["new": "\(new.joined(separator: ","))", "all": "\(topics.count)"]
        )
    }

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
        let progress = progress
        let stored = try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.load(places, on: connection, deadline: deadline)
        }
        var offsets: [TopicPartition: Int64] = [:]
        var fresh: [TopicPartition: Int64] = [:]
        var lows: [TopicPartition: Int64] = [:]
        for place in places {
            let marks = try watermarks(of: place)
            lows[place] = marks.low
            if let next = stored[place] {
                try check(next, of: place, against: marks)
                offsets[place] = next
            } else {
                offsets[place] = marks.low
                fresh[place] = marks.low
            }
        }
        try checkLog(offsets.filter { fresh[$0.key] == nil }, lows: lows)
        let begin = fresh
        try patiently("write sink_progress") { connection, deadline throws(PostgresError) in
            try progress.begin(begin, on: connection, deadline: deadline)
        }
        let fetches = pauses.isEmpty
        try kafka { consumer throws(KafkaError) in
            try consumer.assign(offsets)
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
        let progress = progress
        let stored = try patiently("read sink_progress") { connection, deadline throws(PostgresError) in
            try progress.load(places, on: connection, deadline: deadline)
        }
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

    /// Checks that the broker still has the record at which to go on, or that it is the next to come.
    private func check(
        _ next: Int64,
        of place: TopicPartition,
        against marks: (low: Int64, high: Int64)
    ) throws(SinkError) {
        var high = marks.high
        if next > high {
            do throws(KafkaError) {
                let ends = try PartitionEnds.find(
                    [place],
                    properties: configuration.brokerProperties,
                    deadline: .after(.seconds(20))
                )
                high = ends[place] ?? high
            } catch {
                throw .kafka(error)
            }
        }
        guard marks.low <= next, next <= high else {
            throw .missingOffset(place, stored: next, low: marks.low, high: high)
        }
    }

    private mutating func watermarks(of place: TopicPartition) throws(SinkError) -> (low: Int64, high: Int64)
    {
        while true {
            do throws(KafkaError) {
                return try consumer.watermarks(of: place, timeoutMilliseconds: 5_000)
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
