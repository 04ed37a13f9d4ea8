import Kafka
import Model

/// A record that cannot be applied, on its way to the dead-letter topic.
struct DeadLetter: Sendable {
    /// Where the record comes from.
    let place: TopicPartition
    let offset: Int64
    /// Why it cannot be applied.
    let reason: String
    /// What the dead-letter topic gets; `nil` when there is none.
    let record: ProducerRecord?
    /// An offset of the dead-letter partition before which the dead letter cannot be.
    let searchStart: Int64

    /// Bytes of key, value and headers.
    var byteCount: Int {
        guard let record else { return 0 }
        let headers = record.headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
        return (record.key?.count ?? 0) + (record.value?.count ?? 0) + headers
    }

    /// The record itself, to know it again.
    struct Origin: Hashable, Sendable {
        let place: TopicPartition
        let offset: Int64
    }

    var origin: Origin { Origin(place: place, offset: offset) }
}
