import Access
import ChangeEvents
import Kafka
import Model
import Tables
import Threading

/// Follows the end of the topic outside any group: where its partitions end, and when what was produced.
///
/// Fetching is the only way to the true ends: some brokers answer the question for them too low, see
/// `Consumer.fetchedEnd`. Of the records that come, one each 5 ms of a partition is decoded.
struct TopicProbe: Sendable {
    var brokers: KafkaBrokers
    var topic: String
    var board: WatchBoard
    var stop: StopSignal

    private static let timeoutMilliseconds: Int32 = 2_000
    /// What is applied later is read from its begin if there is no more of it, so that its ages are known.
    private static let backlog: Int64 = 20_000
    private static let spacingMilliseconds: Int64 = 5

    /// Runs until the end is requested.
    func run() {
        while !stop.isRequested {
            do throws(KafkaError) {
                try follow()
            } catch {
                board.fail(.broker, error.told)
                stop.sleep(.seconds(1))
            }
        }
    }

    private func follow() throws(KafkaError) {
        var consumer = try Consumer.open(
            properties: brokers.client([
                "group.id": "handover-reader", "enable.auto.commit": "false",
                "auto.offset.reset": "earliest",
                // Only the newest is of interest; the default holds 64 MB.
                "queued.max.messages.kbytes": "8192",
            ])
        )
        let places = try consumer.partitions(of: topic, timeoutMilliseconds: Self.timeoutMilliseconds)
        guard !places.isEmpty else {
            throw KafkaError(
                name: "_UNKNOWN_TOPIC",
                message: "the topic is not there",
                context: topic,
                isTransient: true
            )
        }
        try consumer.assign(try starts(of: places, &consumer))
        var decoded: [Int32: Int64] = [:]
        var nextEnds = Deadline.after(.zero)
        var nextQuestion = Deadline.after(.seconds(1))
        while !stop.isRequested {
            do throws(KafkaError) {
                if let message = try consumer.poll(timeoutMilliseconds: 100) { take(message, &decoded) }
            } catch {
                // librdkafka goes on by itself; a broker that is away is noticed by the question below.
                guard error.isTransient else { throw error }
            }
            if nextEnds.hasPassed {
                nextEnds = .after(.milliseconds(100))
                var ends: [Int32: Int64] = [:]
                for place in places { ends[place.partition] = consumer.fetchedEnd(of: place) }
                if nextQuestion.hasPassed {
                    nextQuestion = .after(.seconds(1))
                    let now = try consumer.partitions(
                        of: topic,
                        timeoutMilliseconds: Self.timeoutMilliseconds
                    )
                    // More partitions, or the topic made anew: from the begin.
                    guard now.count == places.count else { return }
                }
                let found = ends
                board.update { $0.take(ends: found) }
            }
        }
    }

    private func starts(
        of places: [TopicPartition],
        _ consumer: inout Consumer
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let limit = Deadline.after(.seconds(3))
        // From where the sink is, if the destination says so soon.
        while !stop.isRequested, !limit.hasPassed, !board.update({ $0.seen.hasDestination }) {
            stop.sleep(.milliseconds(50))
        }
        let (isKnown, progress) = board.update { ($0.seen.hasDestination, $0.seen.progress) }
        var starts: [TopicPartition: Int64] = [:]
        for place in places {
            let (low, high) = try consumer.watermarks(
                of: place,
                timeoutMilliseconds: Self.timeoutMilliseconds
            )
            let next = progress[place.partition]?.nextOffset ?? (isKnown ? 0 : .max)
            // The answer may be too low by the last batch, so the record before the end is where it surely goes on.
            let tail = max(low, high - 1)
            starts[place] = next >= low && next <= high && high - next <= Self.backlog ? next : tail
        }
        let found = starts
        board.update { board in
            for (place, start) in found {
                board.seen.partitions[place.partition, default: .init()].tailStart = start
            }
        }
        return starts
    }

    private func take(_ message: borrowing Message, _ decoded: inout [Int32: Int64]) {
        let partition = message.partition
        guard let produced = message.timestamp else { return }
        if let last = decoded[partition], abs(produced - last) < Self.spacingMilliseconds { return }
        decoded[partition] = produced
        let stamp = message.withValue { (value: RawSpan?) -> CommitStamp? in
            guard let value else { return nil }
            return CommitStamp(value)
        }
        let mark = TopicMarks.Mark(
            offset: message.offset,
            produced: produced * 1_000,
            committed: stamp?.committed,
            position: stamp?.position
        )
        let time = Moment.monotonicNow()
        board.update { $0.take(mark, partition: partition, at: time) }
    }
}

/// When and where a change was committed, as its event says; `nil` for what is no envelope, such as a tombstone.
struct CommitStamp: Sendable, Equatable {
    /// Microseconds since 1970 by the source's clock; `nil` for rows of a snapshot, which were committed long ago.
    var committed: Int64?
    var position: LSN?

    init(committed: Int64? = nil, position: LSN? = nil) {
        (self.committed, self.position) = (committed, position)
    }

    init?(_ value: RawSpan) {
        do throws(DecodeError) {
            let envelope = try Envelope(value)
            guard let source = envelope.source else { return nil }
            var milliseconds: Int64?
            var microseconds: Int64?
            var lsn: Int64?
            var scanner = JSONScanner(value, in: source)
            try scanner.openObject()
            while let key = try scanner.nextKey() {
                if scanner.matches(key, "ts_ms") {
                    milliseconds = try scanner.consumeNull() ? nil : try scanner.integer()
                } else if scanner.matches(key, "ts_us") {
                    microseconds = try scanner.consumeNull() ? nil : try scanner.integer()
                } else if scanner.matches(key, "lsn") {
                    lsn = try scanner.consumeNull() ? nil : try scanner.integer()
                } else {
                    try scanner.skipValue()
                }
            }
            if envelope.operation != .read { committed = microseconds ?? milliseconds.map { $0 * 1_000 } }
            position = lsn.map { LSN(rawValue: UInt64(max(0, $0))) }
        } catch {
            return nil
        }
    }
}
