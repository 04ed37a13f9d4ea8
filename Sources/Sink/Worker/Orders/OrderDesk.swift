import Kafka
import Logs
import Model
import Synchronization
import Threading

/// Carries orders into the state topic, one after the other, and waits for each until this worker itself has read it back.
final class OrderDesk: Sendable {
    /// How long an order may take, its wait for those in front of it included: less than an HTTP client is kept waiting.
    private static let patience = Duration.seconds(20)
    private static let timeout = RESTRefusal(
        500,
        "Request timed out: the brokers have not confirmed the order. Whether it is stored is not known: look, then try again"
    )

    private let follower: StateFollower
    private let place: TopicPartition
    private let properties: [String: String]
    /// The lock is the queue of orders.
    private let producer = Mutex<ProducerSlot>(ProducerSlot())

    /// Made anew after an error.
    private struct ProducerSlot: ~Copyable {
        var producer: Producer?
    }

    init(_ configuration: WorkerConfiguration, follower: StateFollower) {
        self.follower = follower
        place = TopicPartition(topic: configuration.topics.state.name, partition: 0)
        properties = configuration.producerProperties
    }

    /// The state as it is known here.
    ///
    /// - Throws: `RESTRefusal` while the worker still reads it.
    func state() throws(RESTRefusal) -> WorkerState { try view().state }

    /// The state, and who lives.
    func view() throws(RESTRefusal) -> StateFollower.View {
        let view = follower.view()
        guard view.isCaughtUp else { throw RESTRefusal(503, "The worker still reads its state; try again") }
        return view
    }

    /// Carries an order out.
    ///
    /// - Parameter decide: makes the records of the order from the state as it is when its turn has come.
    /// - Returns: the state with the order in it.
    func order(
        _ decide: @escaping @Sendable (WorkerState) throws(RESTRefusal) -> [StateRecord]
    ) async throws(RESTRefusal) -> WorkerState {
        let deadline = Deadline.after(Self.patience)
        return try await withDedicatedThread { [self] () throws(RESTRefusal) in
            try producer.withLock { slot throws(RESTRefusal) in
                guard !deadline.hasPassed else { throw Self.timeout }
                let records = try decide(try state())
                guard !records.isEmpty else { return try state() }
                let last = try send(records, &slot)
                let pause = StopSignal()
                while !follower.hasTaken(last) {
                    guard !deadline.hasPassed else { throw Self.timeout }
                    pause.sleep(.milliseconds(1))
                }
                return try state()
            }
        }
    }

    /// Makes the producer, which comes to terms with the brokers meanwhile: the first order need not wait for that.
    func open() {
        producer.withLock { slot in
            if slot.producer == nil { slot.producer = try? Producer.open(properties: properties) }
        }
    }

    private func send(_ records: [StateRecord], _ slot: inout ProducerSlot) throws(RESTRefusal) -> Int64 {
        do throws(KafkaError) {
            if slot.producer == nil { slot.producer = try Producer.open(properties: properties) }
            let sent = records.map { ProducerRecord(place: place, key: $0.key, value: $0.value) }
            return try slot.producer?.send(sent).last ?? -1
        } catch {
            // One that met a fatal error sends nothing any more.
            slot.producer = nil
            throw error.isTransient ? Self.timeout : RESTRefusal(500, "The order was not stored: \(error)")
        }
    }
}
