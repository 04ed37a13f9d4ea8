import Shared

/// Why the sink stops.
///
/// Everything that passes by itself (lost connections, deadlocks) is retried instead.
enum SinkError: Error, CustomStringConvertible {
    /// The destination refused something that waiting does not mend.
    case destination(PostgresError, doing: String)
    case kafka(KafkaError)
    /// A destination table is not what the configuration needs.
    case table(String, reason: String)
    /// A destination table is not there, as far as this user can see.
    case missingTable(String)
    /// A record that cannot be applied; the key is cut and without its schema.
    case record(TopicPartition, offset: Int64, key: String?, reason: String)
    /// The brokers refuse dead letters, and waiting does not mend it.
    case deadLetters(KafkaError)
    /// Kafka does not have the offset at which the sink must go on.
    case missingOffset(TopicPartition, stored: Int64, low: Int64, high: Int64)
    /// The record in front of the stored offset is not the one that was applied there.
    case otherLog(TopicPartition, stored: RecordMark, found: RecordMark)
    /// The stored progress was moved by somebody else, and no rebalance explained it.
    case progressTaken(TopicPartition)
    /// The end was asked for while the sink waited for something.
    case stopped

    static let missingTableReason =
        "there is no such table, or this user may not see it; create it, or correct collection.name.format"

    private static func reset(_ place: TopicPartition) -> String {
        "sink reset FILE --topic \(place.topic) --partition \(place.partition) --to earliest|latest|OFFSET"
    }

    var description: String {
        switch self {
        case .destination(let error, let doing): return "cannot \(doing): \(error)"
        case .kafka(let error): return error.description
        case .table(let name, let reason): return "table \(name): \(reason)"
        case .missingTable(let name):
            return "table \(name): \(Self.missingTableReason)"
        case .deadLetters(let error):
            return
                "\(error). No dead letter is lost: what was not sent waits in sink_dead_letters; correct the "
                + "dead-letter topic (its rights, replication factor, max.message.bytes) and start the sink again"
        case .record(let place, let offset, let key, let reason):
            return
                "record \(place) offset \(offset) key \(key ?? "null") cannot be applied: \(reason). Nothing behind it was applied; "
                + "correct the cause and start the sink again"
        case .missingOffset(let place, let stored, let low, let high):
            let cause =
                stored < low
                ? "the topic's retention has overtaken the sink, and the records in between are gone"
                : "the topic was made anew or cut since"
            return "\(place): the sink must go on at offset \(stored), but the broker has \(low) to \(high): "
                + "\(cause). Nothing was skipped. If it is right to go on without those records, compare the tables "
                + "and then choose the offset: \(Self.reset(place))"
        case .otherLog(let place, let stored, let found):
            return
                "\(place): the sink must go on behind offset \(stored.offset), but the record there is not the one "
                + "that was applied: sink_progress has \(stored.time) as its time, the broker \(found.time). The topic "
                + "was made anew since, and its new records have overtaken the stored offset. Nothing was skipped or "
                + "applied. Compare the tables, then choose the offset, earliest for all of the new topic: "
                + Self.reset(place)
        case .progressTaken(let place):
            return
                "\(place): sink_progress was moved by another program, and this sink still owns the partition. "
                + "Nothing was applied twice; make sure that only sinks of one name and group run, then start it again"
        case .stopped: return "stopped while waiting"
        }
    }
}
