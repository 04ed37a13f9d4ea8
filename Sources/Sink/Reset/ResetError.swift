import Kafka
import Model
import Postgres

/// Why progress is not reset; nothing was changed.
enum ResetError: Error, CustomStringConvertible {
    case destination(PostgresError)
    case kafka(KafkaError)
    case noTopic(String)
    case noPartition(TopicPartition, count: Int)
    /// The broker has no such offset.
    case outside(TopicPartition, offset: Int64, marks: PartitionMarks)
    /// The group has committed nothing of a partition.
    case noCommit(TopicPartition)
    /// The sink whose progress it is works on the destination, with these server processes.
    case active(String, processes: [Int64])
    /// The stored progress is not what the plan was made from.
    case moved(TopicPartition)

    /// Whether brokers or destination could not be asked.
    var isUnreachable: Bool {
        switch self {
        case .destination(let error): return error.isConnectionFailure
        case .kafka(let error): return error.isTransient
        default: return false
        }
    }

    var description: String {
        switch self {
        case .destination(let error): return "cannot reset sink_progress: \(error)"
        case .kafka(let error): return error.description
        case .noTopic(let topic):
            return "topic \(topic): the brokers have no such topic, or this user may not see it"
        case .noPartition(let place, let count):
            return "\(place): there is no such partition; the topic has \(count), counted from 0"
        case .outside(let place, let offset, let marks):
            return "\(place): offset \(offset) is not there; the broker has \(marks.first) to \(marks.end)"
        case .noCommit(let place):
            return
                "\(place): the sink's group has no offset of it; give earliest, latest, an offset or a time"
        case .active(let name, let processes):
            return
                "sink \(name) is at work: it has \(processes.count) connections to the destination (server "
                + "processes \(processes.map(String.init).joined(separator: ", "))). Stop it first"
        case .moved(let place):
            return "\(place): sink_progress was moved while the reset was made. Stop the sink, then try again"
        }
    }
}
