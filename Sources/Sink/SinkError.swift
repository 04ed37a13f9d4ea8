import Kafka
import Model
import Postgres

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
    /// A table that records must never be written to.
    case forbiddenTable(String, reason: String)
    /// A record that cannot be applied; the key is cut and without its schema.
    case record(TopicPartition, offset: Int64, key: String?, reason: String)
    /// The brokers refuse dead letters, and waiting does not mend it.
    case deadLetters(KafkaError)
    /// Kafka does not have the offset at which the sink must go on.
    case missingOffset(TopicPartition, stored: Int64, low: Int64, high: Int64)
    /// Nothing says where a partition begins, and the configuration forbids to choose.
    case noFirstOffset(TopicPartition, committed: Int64?, low: Int64, high: Int64)
    /// The record in front of the stored offset is not the one that was applied there.
    case otherLog(TopicPartition, stored: RecordMark, found: RecordMark)
    /// The topic of the stored progress is not the one of this name any more.
    case otherTopic(TopicPartition, reason: String)
    /// Compaction may have taken tombstones that were never read; times in milliseconds since 1970, and milliseconds.
    case missedDeletes(TopicPartition, next: Int64, safeSince: Int64, retention: Int64, now: Int64)
    /// The stored progress was moved by somebody else, and no rebalance explained it.
    case progressTaken(TopicPartition)
    /// The end was asked for while the sink waited for something.
    case stopped

    static let missingTableReason =
        "there is no such table, or this user may not see it; create it, or correct collection.name.format"

    /// What may be the matter with a name that the server does not find.
    private static func hint(_ error: PostgresError) -> String {
        let states: [SQLState] = [.undefinedTable, .undefinedFunction, .undefinedObject]
        guard let state = error.sqlState, states.contains(state) else { return "" }
        return
            ". The sink's sessions look names up in pg_catalog only: if a trigger of the table names something "
            + "without its schema, run: alter function NAME set search_path = SCHEMA"
    }

    private static func reset(_ place: TopicPartition) -> String {
        "sink reset FILE --topic \(place.topic) --partition \(place.partition) --to earliest|latest|group|OFFSET|TIME"
    }

    var description: String {
        switch self {
        case .destination(let error, let doing): return "cannot \(doing): \(error)\(Self.hint(error))"
        case .kafka(let error):
            return error.description + (KafkaRemedy.of(error).map { ". \($0)" } ?? "")
        case .table(let name, let reason), .forbiddenTable(let name, let reason):
            return "table \(name): \(reason)"
        case .missingTable(let name):
            return "table \(name): \(Self.missingTableReason)"
        case .deadLetters(let error):
            return
                "\(error). No dead letter is lost: what was not sent waits in sink_dead_letters; "
                + "\(KafkaRemedy.ofDeadLetters(error)); then start the sink again"
        case .record(let place, let offset, let key, let reason):
            return
                "record \(place) offset \(offset) key \(key ?? "null") cannot be applied: \(reason). Nothing after it was applied; "
                + "correct the cause and start the sink again"
        case .missingOffset(let place, let stored, let low, let high):
            let cause =
                stored < low
                ? "the topic's retention has overtaken the sink, and the records in between are gone"
                : "the topic was made anew or cut since"
            return "\(place): the sink must go on at offset \(stored), but the broker has \(low) to \(high): "
                + "\(cause). Nothing was skipped. If it is right to go on without those records, compare the tables "
                + "and then choose the offset: \(Self.reset(place))"
        case .noFirstOffset(let place, let committed, let low, let high):
            let group =
                committed.map { "the group's offset \($0) is not in the log" } ?? "the group has no offset"
            return
                "\(place): the destination has no progress of it, \(group), the broker has \(low) to \(high), "
                + "and consumer.override.auto.offset.reset is none. Nothing was applied; choose the offset: "
                + Self.reset(place)
        case .otherLog(let place, let stored, let found):
            return
                "\(place): the sink must go on after offset \(stored.offset), but the record there is not the one "
                + "that was applied: sink_progress has \(stored.time) as its time, the broker \(found.time). The topic "
                + "was made anew since, and its new records have overtaken the stored offset. Nothing was skipped or "
                + "applied. Compare the tables, then choose the offset, earliest for all of the new topic: "
                + Self.reset(place)
        case .otherTopic(let place, let reason):
            return
                "\(place): the log is not the one that the stored offset belongs to: \(reason). The topic was made anew "
                + "since, or the brokers were set back. Nothing was skipped or applied. Compare the tables, then choose "
                + "the offset, earliest for all of the new topic: \(Self.reset(place))"
        case .missedDeletes(let place, let next, let safeSince, let retention, let now):
            return
                "\(place): deletes may be gone. The topic is compacted and keeps a tombstone for \(retention / 1_000) s "
                + "(delete.retention.ms), and this sink last stood at the end of what was written \((now - safeSince) / 1_000) s "
                + "ago, at \(RecordMark(offset: next, timestamp: safeSince).time). Rows whose delete it missed would stay for "
                + "ever. Nothing was skipped or applied. Either empty the tables and read all again: "
                + "sink reset FILE --topic \(place.topic) --to earliest; or accept what is stored and go on, "
                + "sink reset FILE --topic \(place.topic) --partition \(place.partition) --to \(next), and have the "
                + "rows that are too many found by reader compare"
        case .progressTaken(let place):
            return
                "\(place): sink_progress was moved by another program, and this sink still owns the partition. "
                + "Nothing was applied twice; make sure that only sinks of one name and group run, then start it again"
        case .stopped: return "stopped while waiting"
        }
    }
}
