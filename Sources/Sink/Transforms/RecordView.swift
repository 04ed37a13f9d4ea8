import ChangeEvents
import Kafka

/// What the router, the decoder and the key changes read of a record: as it came, or as transforms left it.
protocol RecordView: ~Copyable {
    /// Stands for the topic: the consumer's number for it, or the transforms' where there are any.
    var topicIndex: Int { get }
    var partition: Int32 { get }
    var offset: Int64 { get }
    var timestamp: Int64? { get }
    /// Lends the key as JSON; no key stays none.
    func withJSONKey<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R
    /// Lends the value as JSON; a tombstone stays none.
    func withJSONValue<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R
    func withValue<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R
    func withHeader<R, E: Error>(_ name: String, _ body: (RawSpan?) throws(E) -> R) throws(E) -> R
}

extension Message: RecordView {
    func withJSONKey<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        try texts.withKey(self, body)
    }

    func withJSONValue<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        try texts.withValue(self, body)
    }
}

/// A record as the transforms left it.
struct TransformedRecord: RecordView, Sendable {
    let topicIndex: Int
    let partition: Int32
    let offset: Int64
    let timestamp: Int64?
    let key: [UInt8]?
    let value: [UInt8]?
    let headers: [RecordHeader]

    func withJSONKey<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        // Key and value went through their converters before the transforms did.
        guard let key else { return try body(nil) }
        return try body(key.span.bytes)
    }

    func withJSONValue<R>(
        _ texts: RecordTexts,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        try withValue(body)
    }

    func withValue<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let value else { return try body(nil) }
        return try body(value.span.bytes)
    }

    func withHeader<R, E: Error>(_ name: String, _ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let value = headers.last(where: { $0.name.isSame(as: name) })?.value else {
            return try body(nil)
        }
        return try body(value.span.bytes)
    }
}
