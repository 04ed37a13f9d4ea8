import Shared

/// Finds the keys of the events that a dead timeline left in the connector's topics.
///
/// Reads each partition from its noted end backwards in growing steps, until a step begins before the fork.
struct PhantomScan: Sendable {
    var bootstrap: String
    /// `topic.prefix` of the connector: its topics are those that begin with it and a point.
    var prefix: String

    private static let timeoutMilliseconds: Int32 = 5_000
    private static let firstStep: Int64 = 5_000
    /// A fetch may find nothing where transactions left markers: after this long there is nothing more.
    private static let silence: Duration = .seconds(3)

    /// What was found.
    struct Found: Sendable {
        /// In the order in which they came.
        var events: [(event: DeadEvent, verdict: DeadBranch.Verdict)] = []
        var undecodableCount = 0

        /// Transactions that the leader must be asked about.
        var doubtful: Set<Int64> {
            Set(
                events.compactMap { found in
                    if case .deadUnlessCommitted(let transaction) = found.verdict { transaction } else { nil }
                }
            )
        }

        /// The keys of the events that are dead, each once.
        func keys(committed: Set<Int64>) -> [(table: DeadEvent.Table, key: [DeadEvent.KeyPart])] {
            var seen: [DeadEvent.Table: Set<[DeadEvent.KeyPart]>] = [:]
            var keys: [(table: DeadEvent.Table, key: [DeadEvent.KeyPart])] = []
            for (event, verdict) in events {
                if case .deadUnlessCommitted(let transaction) = verdict, committed.contains(transaction) {
                    continue
                }
                guard seen[event.table, default: []].insert(event.key).inserted else { continue }
                keys.append((event.table, event.key))
            }
            return keys
        }
    }

    private func open() throws(KafkaError) -> Consumer {
        try Consumer.open(properties: [
            "bootstrap.servers": bootstrap, "group.id": "handover-guard", "enable.auto.commit": "false",
            "auto.offset.reset": "earliest", "allow.auto.create.topics": "false",
        ])
    }

    /// Where each partition of the connector's topics ends now, by `topic/partition`.
    func ends() throws(KafkaError) -> [String: Int64] {
        let consumer = try open()
        let names = try consumer.topics(timeoutMilliseconds: Self.timeoutMilliseconds).filter {
            $0.hasPrefix(prefix + ".") && $0 != prefix + ".transaction"
        }
        var places: [TopicPartition] = []
        for name in names {
            places += try consumer.partitions(of: name, timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        let ends = try PartitionEnds.find(
            places,
            properties: ["bootstrap.servers": bootstrap],
            deadline: .after(.seconds(10))
        )
        return .init(uniqueKeysWithValues: ends.map { ("\($0.key.topic)/\($0.key.partition)", $0.value) })
    }

    /// All events before `repair.ends` that are not, or may not be, on the leader's history.
    func find(_ repair: GuardState.Repair, stop: StopSignal) throws(KafkaError) -> Found {
        var branch = DeadBranch(fork: LSN(rawValue: repair.fork))
        var found = Found()
        var events: [TopicPartition: [DeadEvent]] = [:]
        var consumer = try open()
        for (name, end) in repair.ends where end > 0 && !stop.isRequested {
            guard let slash = name.lastIndex(of: "/"),
                let partition = Int32(name[name.index(after: slash)...])
            else { continue }
            let place = TopicPartition(topic: String(name[..<slash]), partition: partition)
            let (low, _) = try consumer.watermarks(of: place, timeoutMilliseconds: Self.timeoutMilliseconds)
            var step = Self.firstStep
            var stretch: [DeadEvent] = []
            var begin = end
            repeat {
                begin = max(low, end - step)
                stretch = []
                guard begin < end else { break }
                try read(&consumer, place, begin..<end, into: &stretch, &found.undecodableCount, stop)
                // Nothing but what this can't read: going on would not find anything either.
                if stretch.isEmpty, step > Self.firstStep { break }
                step *= 4
            } while begin > low && !Self.beginsBefore(branch.fork, stretch) && !stop.isRequested
            for event in stretch { branch.see(event) }
            events[place] = stretch
        }
        for place in events.keys.sorted() {
            for event in events[place] ?? [] {
                let verdict = branch.verdict(on: event)
                if verdict != .alive { found.events.append((event, verdict)) }
            }
        }
        return found
    }

    /// Whether the stretch begins with a transaction that was committed before the fork, and not the last one.
    private static func beginsBefore(_ fork: LSN, _ stretch: [DeadEvent]) -> Bool {
        guard let first = stretch.first, first.lsn < fork else { return false }
        return stretch.contains { $0.lsn < fork && $0.previousCommit ?? first.lsn > first.lsn }
    }

    private func read(
        _ consumer: inout Consumer,
        _ place: TopicPartition,
        _ range: Range<Int64>,
        into events: inout [DeadEvent],
        _ undecodableCount: inout Int,
        _ stop: StopSignal
    ) throws(KafkaError) {
        try consumer.assign([place: range.lowerBound])
        var quiet = Deadline.after(Self.silence)
        while !quiet.hasPassed, !stop.isRequested {
            let polled: Message?
            do throws(KafkaError) {
                polled = try consumer.poll(timeoutMilliseconds: 100)
            } catch {
                guard error.isTransient else { throw error }
                continue
            }
            guard let message = polled else { continue }
            quiet = .after(Self.silence)
            guard message.offset < range.upperBound else { break }
            let isLast = message.offset >= range.upperBound - 1
            do throws(DecodeError) {
                let event = try message.withKey { (key: RawSpan?) throws(DecodeError) -> DeadEvent? in
                    guard let key else { return nil }
                    return try message.withValue { (value: RawSpan?) throws(DecodeError) -> DeadEvent? in
                        guard let value else { return nil }
                        return try DeadEvent.read(key: key, value: value)
                    }
                }
                if let event { events.append(event) }
            } catch {
                undecodableCount += 1
            }
            if isLast { break }
        }
        try consumer.unassign([place])
    }
}
