public import Model

/// A record to be sent, with everything that a broker stores of it.
public struct ProducerRecord: Sendable {
    public let place: TopicPartition
    public let key: [UInt8]?
    public let value: [UInt8]?
    public let headers: [RecordHeader]
    /// Milliseconds since 1970; `nil` for the time at which it is sent.
    public let timestamp: Int64?

    public init(
        place: TopicPartition,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: [RecordHeader] = [],
        timestamp: Int64? = nil
    ) {
        (self.place, self.key, self.value) = (place, key, value)
        (self.headers, self.timestamp) = (headers, timestamp)
    }
}

/// One header of a record; a record may have several of one name.
public struct RecordHeader: Hashable, Sendable {
    public let name: String
    /// `nil` for a header without a value, which is not an empty one.
    public let value: [UInt8]?

    public init(_ name: String, _ value: [UInt8]?) {
        (self.name, self.value) = (name, value)
    }
}
