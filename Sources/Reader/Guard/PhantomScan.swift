import Access
import ChangeEvents
import Kafka
import Model
import Threading

/// Finds the keys of the events that a dead timeline left in the connector's topics.
///
/// Reads each partition from its noted end backwards in growing steps, until a step begins before the fork.
struct PhantomScan: Sendable {
    var brokers: KafkaBrokers
    /// The connector's own events; its topics begin with its name and a point, and so may those of others.
    var origin: DeadEvent.Origin
    /// How many keys are kept.
    var limit: Int

    private static let timeoutMilliseconds: Int32 = 5_000
    private static let firstStep: Int64 = 5_000

    /// What was found.
    struct Found: Sendable {
        /// In the order in which they came.
        var events: [(event: DeadEvent, verdict: DeadBranch.Verdict)] = []
        var undecodableCount = 0
        /// Events beyond the limit.
        private(set) var leftOutCount = 0
        private var seen: Set<Claim> = []

        /// What one event says of a key; the same said again says nothing new.
        private struct Claim: Hashable {
            var table: DeadEvent.Table
            var key: [DeadEvent.KeyPart]
            /// `nil` where it is dead for certain.
            var transaction: Int64?
        }

        mutating func add(_ event: DeadEvent, _ verdict: DeadBranch.Verdict, limit: Int) {
            let transaction: Int64?
            switch verdict {
            case .alive: return
            case .dead: transaction = nil
            case .deadUnlessCommitted(let number): transaction = number
            }
            let claim = Claim(table: event.table, key: event.key, transaction: transaction)
            if seen.contains(claim) { return }
            guard seen.count < limit else {
                leftOutCount += 1
                return
            }
            seen.insert(claim)
            events.append((event, verdict))
        }

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
        try Consumer.open(
            properties: brokers.client([
                "group.id": "handover-guard", "enable.auto.commit": "false",
                "auto.offset.reset": "earliest", "allow.auto.create.topics": "false",
                // A stretch may end in offsets that hold no record.
                "enable.partition.eof": "true",
            ])
        )
    }

    /// Where each partition of the connector's topics ends now, by `topic/partition`.
    func ends() throws(KafkaError) -> [String: Int64] {
        let consumer = try open()
        let names = try consumer.topics(timeoutMilliseconds: Self.timeoutMilliseconds).filter(isOwn)
        var places: [TopicPartition] = []
        for name in names {
            places += try consumer.partitions(of: name, timeoutMilliseconds: Self.timeoutMilliseconds)
        }
        let ends = try PartitionEnds.find(
            places,
            properties: brokers.client(),
            deadline: .after(.seconds(10))
        )
        return .init(uniqueKeysWithValues: ends.map { ("\($0.key.topic)/\($0.key.partition)", $0.value) })
    }

    /// Whether a topic's name is the connector's with a point and more after it.
    private func isOwn(_ topic: String) -> Bool {
        let begin = origin.name + [UInt8(ascii: ".")]
        return topic.utf8.starts(with: begin) && !topic.utf8.elementsEqual(begin + Array("transaction".utf8))
    }

    /// All events before `repair.ends` that are not, or may not be, on the leader's history.
    func find(_ repair: GuardState.Repair, stop: StopSignal) throws(KafkaError) -> Found {
        var branch = DeadBranch(fork: LSN(rawValue: repair.fork))
        var found = Found()
        var events: [TopicPartition: [DeadEvent]] = [:]
        var consumer = try open()
        for (name, end) in repair.ends where end > 0 && !stop.isRequested {
            guard let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")),
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
                found.add(event, branch.verdict(on: event), limit: limit)
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
        var scan = LogScan(
            [place: (range.lowerBound, range.upperBound)],
            for: "reading \(place) for what a dead timeline left"
        )
        while let message = try consumer.next(of: &scan, stop: stop), message.offset < range.upperBound {
            do throws(DecodeError) {
                let event = try message.withKey { (key: RawSpan?) throws(DecodeError) -> DeadEvent? in
                    guard let key else { return nil }
                    return try message.withValue { (value: RawSpan?) throws(DecodeError) -> DeadEvent? in
                        guard let value else { return nil }
                        return try DeadEvent.read(key: key, value: value, of: origin)
                    }
                }
                if let event { events.append(event) }
            } catch {
                undecodableCount += 1
            }
        }
        try consumer.unassign([place])
    }
}
