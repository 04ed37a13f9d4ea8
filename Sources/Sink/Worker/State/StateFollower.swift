import Kafka
import Logs
import Model
import Synchronization
import Threading

/// Reads the state topic from its beginning, and then both topics as they grow; one thread runs it, all look.
final class StateFollower: Sendable {
    /// What is known now.
    struct View: Sendable {
        let state: WorkerState
        /// Workers that live, by their names.
        let live: [Heartbeat]
        /// Whether everything was read that stood in the topic at the start.
        let isCaughtUp: Bool
        /// Why the topics cannot be followed at the moment.
        let failure: String?
        /// The brokers' name for their cluster.
        let clusterID: String?
    }

    private struct Shared {
        var state = WorkerState()
        var workers: LiveWorkers
        /// The offset after the last record of the state that was taken.
        var position: Int64?
        var isCaughtUp = false
        var hasNewcomer = false
        var events: [WorkerState.Event] = []
        var failure: String?
        var clusterID: String?
    }

    private let topics: WorkerTopics
    private let properties: [String: String]
    private let logger: Logger
    private let shared: Mutex<Shared>

    init(_ configuration: WorkerConfiguration, logger: Logger) {
        (topics, properties) = (configuration.topics, configuration.consumerProperties)
        self.logger = logger
        shared = Mutex(Shared(workers: LiveWorkers(session: configuration.session)))
    }

    // MARK: Looking

    func view(at now: UInt64 = Moment.monotonicNow()) -> View {
        shared.withLock { shared in
            View(
                state: shared.state,
                live: shared.workers.live(at: now),
                isCaughtUp: shared.isCaughtUp,
                failure: shared.failure,
                clusterID: shared.clusterID
            )
        }
    }

    /// Whether the record at an offset of the state topic was taken.
    func hasTaken(_ offset: Int64) -> Bool { shared.withLock { ($0.position ?? 0) > offset } }

    /// What is to be done once, in the order in which it came.
    func takeEvents() -> [WorkerState.Event] {
        shared.withLock { shared in
            defer { shared.events = [] }
            return shared.events
        }
    }

    /// Whether a worker came that waits to hear of this one.
    func takeNewcomer() -> Bool {
        shared.withLock { shared in
            defer { shared.hasNewcomer = false }
            return shared.hasNewcomer
        }
    }

    // MARK: Following

    /// Follows until the stop is requested; what fails is tried again, from where it was.
    func run(stop: StopSignal) {
        while !stop.isRequested {
            do throws(KafkaError) {
                try follow(stop)
            } catch {
                let isNew = shared.withLock { shared in
                    defer { shared.failure = "\(error)" }
                    return shared.failure == nil
                }
                if isNew {
                    logger.error(
                        "the state cannot be followed; trying again",
                        metadata: ["error": "\(error)"]
                    )
                }
                stop.sleep(.seconds(1))
            }
        }
    }

    private func follow(_ stop: StopSignal) throws(KafkaError) {
        var consumer = try Consumer.open(properties: properties)
        let place = TopicPartition(topic: topics.state.name, partition: 0)
        let marks = try consumer.watermarks(of: place, timeoutMilliseconds: 10_000)
        let begin = shared.withLock { $0.position } ?? marks.low
        var offsets = [place: begin]
        // Who lives is heard soon enough; what was said before is of no use.
        for place in try consumer.partitions(of: topics.status.name, timeoutMilliseconds: 10_000) {
            offsets[place] = try consumer.watermarks(of: place, timeoutMilliseconds: 10_000).high
        }
        try consumer.assign(offsets)
        var scan = LogScan(
            [place: (begin, marks.high)],
            endsMayBeLow: true,
            for: "read the workers' state",
            by: .after(.seconds(120))
        )
        while let message = try consumer.next(of: &scan, stop: stop) { take(message, consumer) }
        guard !stop.isRequested else { return }
        let clusterID = consumer.clusterID(timeoutMilliseconds: 5_000)
        shared.withLock { shared in
            shared.clusterID = clusterID ?? shared.clusterID
            // What was ordered before this worker came is done.
            if !shared.isCaughtUp { shared.events = [] }
            shared.isCaughtUp = true
            shared.failure = nil
        }
        while !stop.isRequested {
            do throws(KafkaError) {
                if let message = try consumer.poll(timeoutMilliseconds: 100) { take(message, consumer) }
            } catch {
                // librdkafka goes on by itself.
                guard error.isTransient else { throw error }
            }
        }
    }

    private func take(_ message: borrowing Message, _ consumer: borrowing Consumer) {
        guard let key = message.withKey({ $0?.copied }) else { return advance(message, consumer) }
        let value = message.withValue { $0?.copied }
        guard consumer.topicName(message.topicIndex).isSame(as: topics.state.name) else {
            return hear(key, value)
        }
        let record = StateRecord(key: key, value: value)
        let offset = message.offset
        shared.withLock { shared in
            if let record, let event = shared.state.apply(record, at: offset) { shared.events.append(event) }
            shared.position = offset + 1
        }
    }

    /// A record without a key is nobody's here.
    private func advance(_ message: borrowing Message, _ consumer: borrowing Consumer) {
        guard consumer.topicName(message.topicIndex).isSame(as: topics.state.name) else { return }
        let next = message.offset + 1
        shared.withLock { $0.position = next }
    }

    private func hear(_ key: [UInt8], _ value: [UInt8]?) {
        guard let worker = Heartbeat.worker(in: key) else { return }
        let heartbeat = value.flatMap { Heartbeat(key: key, value: $0) }
        // Something else under a worker's key says nothing about it.
        guard (value == nil) == (heartbeat == nil) else { return }
        shared.withLock { shared in
            if shared.workers.hear(worker, heartbeat, at: Moment.monotonicNow()) { shared.hasNewcomer = true }
        }
    }
}
