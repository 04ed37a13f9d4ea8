import Kafka
import Model

/// The headers of a dead letter, with the names of Kafka Connect's `DeadLetterQueueReporter` (KIP-298).
///
/// All values are UTF-8 text, numbers in decimal. Connect writes none of them unless
/// `errors.deadletterqueue.context.headers.enable` is set; here the first four are always written, because they
/// are what a dead letter is known again by.
enum DeadLetterHeaders {
    private static let prefix = "__connect.errors."
    private static let topic = prefix + "topic"
    private static let partition = prefix + "partition"
    private static let offset = prefix + "offset"
    private static let connector = prefix + "connector.name"

    /// Where a record failed, in Connect's words (`org.apache.kafka.connect.runtime.errors.Stage`).
    enum Stage: String, Sendable {
        /// The key is no JSON.
        case keyConverter = "KEY_CONVERTER"
        /// The value is no JSON.
        case valueConverter = "VALUE_CONVERTER"
        /// A transform does not take the record.
        case transformation = "TRANSFORMATION"
        /// The record does not fit the table, or the destination refuses it.
        case put = "TASK_PUT"
    }

    /// Who met the error, and what it is.
    struct Cause: Sendable {
        let stage: Stage
        let reason: String
        /// The type of this program that met it.
        let component: String
        /// The error's type.
        let error: String
    }

    /// The headers that come after the record's own.
    ///
    /// - Parameter context: why, where the configuration wants that to be said.
    static func make(
        of origin: DeadLetter.Origin,
        connector name: String,
        context: (cause: Cause, taskID: Int)?
    ) -> [RecordHeader] {
        var headers = [
            header(topic, origin.place.topic), header(partition, String(origin.place.partition)),
            header(offset, String(origin.offset)), header(connector, name),
        ]
        guard let (cause, taskID) = context else { return headers }
        headers += [
            header(prefix + "task.id", String(taskID)), header(prefix + "stage", cause.stage.rawValue),
            header(prefix + "class.name", cause.component),
            header(prefix + "exception.class.name", cause.error),
            header(prefix + "exception.message", cause.reason),
            // There is no stack to trace: the reason says where in the record the fault lies.
            header(
                prefix + "exception.stacktrace",
                "\(cause.error): \(cause.reason)\n\tat \(cause.component)\n"
            ),
        ]
        return headers
    }

    /// Which record a message of the dead-letter topic is, or `nil` when it is none of this connector's.
    static func origin(of message: borrowing Message, connector name: String) -> DeadLetter.Origin? {
        // The last of several: a record that had been a dead letter before has both.
        guard text(connector, message) == name, let topic = text(topic, message),
            let partition = text(partition, message).flatMap({ Int32($0) }),
            let offset = text(offset, message).flatMap({ Int64($0) })
        else { return nil }
        return DeadLetter.Origin(place: TopicPartition(topic: topic, partition: partition), offset: offset)
    }

    private static func header(_ name: String, _ text: String) -> RecordHeader {
        RecordHeader(name, Array(text.utf8))
    }

    private static func text(_ name: String, _ message: borrowing Message) -> String? {
        message.withHeader(name) { bytes in
            bytes?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }
}
