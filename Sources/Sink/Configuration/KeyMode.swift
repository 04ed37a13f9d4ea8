/// Where the values of a table's key columns come from: `primary.key.mode`.
enum KeyMode: String, CaseIterable, Sendable {
    /// The table's key, if it has one, is no concern of the sink.
    case none
    /// The record's place in Kafka: topic, partition, offset.
    case kafka
    case recordKey = "record_key"
    case recordValue = "record_value"
    case recordHeader = "record_header"

    /// The columns of mode `kafka`, unless `primary.key.fields` names three others.
    static let kafkaColumns = ["__connect_topic", "__connect_partition", "__connect_offset"]

    /// Whether a delete says which row it means.
    var canDelete: Bool { self != .none && self != .kafka }

    /// Whether a record without a value says which row it means: only the record's key does.
    var knowsRowOfTombstone: Bool { self == .recordKey }
}

/// What the destination table must have for the configured key.
enum KeyRequirement: Sendable {
    /// No key at all.
    case none
    /// The columns of `primary.key.fields`, or a primary key where none are named.
    case columns
    /// A primary key or unique constraint of exactly these columns, which ON CONFLICT can name.
    case unique
}
