import Kafka
import Model

/// Where the dead letters of a partition go, and what they say of themselves.
struct DeadLetterTarget {
    let place: TopicPartition
    /// An offset of the dead-letter partition before which none of them can be.
    let searchStart: Int64
    let connector: String
    /// The lane's number, where the headers are to say why; otherwise `nil`.
    let taskID: Int?

    func headers(of origin: DeadLetter.Origin, _ cause: DeadLetterHeaders.Cause) -> [RecordHeader] {
        DeadLetterHeaders.make(
            of: origin,
            connector: connector,
            context: taskID.map { (cause: cause, taskID: $0) }
        )
    }
}
