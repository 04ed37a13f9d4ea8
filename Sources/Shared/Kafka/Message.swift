import CRDKafka

/// One record as librdkafka holds it; owns the memory that it lends and gives it back when it ends.
///
/// Holding a message pins the whole fetched set: read it and let it go.
public struct Message: ~Copyable {
    private let pointer: UnsafeMutablePointer<rd_kafka_message_t>
    /// The number that the consumer gave the topic's name.
    public let topicIndex: Int
    /// What librdkafka does not know of, in a message that is none of its own.
    private let made: Made?

    private final class Made: Sendable {
        let timestamp: Int64?
        let headers: [RecordHeader]

        init(_ timestamp: Int64?, _ headers: [RecordHeader]) {
            (self.timestamp, self.headers) = (timestamp, headers)
        }
    }

    init(owning pointer: UnsafeMutablePointer<rd_kafka_message_t>, topicIndex: Int) {
        self.pointer = pointer
        self.topicIndex = topicIndex
        made = nil
    }

    /// A message that no broker delivered: what comes after the consumer is tested with such.
    ///
    /// - Parameters:
    ///   - key: `nil` for none; an empty one is something else, and so with `value`.
    ///   - timestamp: milliseconds since 1970.
    public init(
        topicIndex: Int,
        partition: Int32,
        offset: Int64,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: [RecordHeader] = [],
        timestamp: Int64? = nil
    ) {
        func copied(_ bytes: [UInt8]?) -> UnsafeMutableRawPointer? {
            guard let bytes else { return nil }
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
            copy.copyMemory(from: bytes, byteCount: bytes.count)
            return copy
        }
        pointer = .allocate(capacity: 1)
        // All of it is numbers and pointers, for which zero is none.
        pointer.initialize(to: rd_kafka_message_t())
        pointer.pointee.partition = partition
        pointer.pointee.offset = offset
        (pointer.pointee.key, pointer.pointee.key_len) = (copied(key), key?.count ?? 0)
        (pointer.pointee.payload, pointer.pointee.len) = (copied(value), value?.count ?? 0)
        self.topicIndex = topicIndex
        made = Made(timestamp, headers)
    }

    deinit {
        guard made != nil else { return rd_kafka_message_destroy(pointer) }
        pointer.pointee.key?.deallocate()
        pointer.pointee.payload?.deallocate()
        pointer.deallocate()
    }

    public var partition: Int32 { pointer.pointee.partition }

    public var offset: Int64 { pointer.pointee.offset }

    /// When it was produced or appended, in milliseconds since 1970, or `nil` where the broker does not say.
    public var timestamp: Int64? {
        if let made { return made.timestamp }
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let timestamp = rd_kafka_message_timestamp(pointer, &kind)
        return kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? nil : timestamp
    }

    /// Lends the key's bytes, `nil` when there is no key.
    public func withKey<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let start = pointer.pointee.key else { return try body(nil) }
        return try body(UnsafeRawBufferPointer(start: start, count: pointer.pointee.key_len).bytes)
    }

    /// Lends the value's bytes, `nil` for a tombstone; an empty value is something else.
    public func withValue<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let start = pointer.pointee.payload else { return try body(nil) }
        return try body(UnsafeRawBufferPointer(start: start, count: pointer.pointee.len).bytes)
    }

    /// Lends the last header of this name, `nil` when there is none or it has no value.
    public func withHeader<R, E: Error>(_ name: String, _ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        if let made {
            guard let value = made.headers.last(where: { $0.name.isSame(as: name) })?.value else {
                return try body(nil)
            }
            return try body(value.span.bytes)
        }
        var headers: OpaquePointer?
        var start: UnsafeRawPointer?
        var count = 0
        guard rd_kafka_message_headers(pointer, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers,
            rd_kafka_header_get_last(headers, name, &start, &count) == RD_KAFKA_RESP_ERR_NO_ERROR, let start
        else { return try body(nil) }
        // SAFETY: the headers live as long as the message, which outlives the call.
        return try body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    /// Bytes of key and value.
    public var byteCount: Int { pointer.pointee.key_len + pointer.pointee.len }

    /// Copies all headers, in their order.
    public var headers: [RecordHeader] {
        if let made { return made.headers }
        var list: OpaquePointer?
        guard rd_kafka_message_headers(pointer, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else {
            return []
        }
        var headers: [RecordHeader] = []
        var name: UnsafePointer<CChar>?
        var start: UnsafeRawPointer?
        var count = 0
        while rd_kafka_header_get_all(list, headers.count, &name, &start, &count)
            == RD_KAFKA_RESP_ERR_NO_ERROR
        {
            // SAFETY: the headers live as long as the message, which outlives the call.
            let value = start.map { Array(UnsafeRawBufferPointer(start: $0, count: count)) }
            headers.append(RecordHeader(name.map { String(cString: $0) } ?? "", value))
        }
        return headers
    }
}
