import Kafka

/// A record that is kept as librdkafka delivered it; it must be let go before the consumer ends.
final class HeldMessage {
    let message: Message
    /// The slot of its partition in the lane's assignment.
    let slot: Int

    init(_ message: consuming Message, slot: Int) {
        self.message = message
        self.slot = slot
    }
}
