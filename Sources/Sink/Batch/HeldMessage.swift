import Kafka

/// A record that is kept as librdkafka delivered it; it must be let go before the consumer ends.
final class HeldMessage {
    let message: Message

    init(_ message: consuming Message) {
        self.message = message
    }
}
