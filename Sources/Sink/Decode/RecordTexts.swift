import ChangeEvents
import Formats
import Kafka

/// Lends keys and values as the JSON that JsonConverter writes, whatever they are on the wire.
///
/// JSON is lent as it stands. What has its schema in a registry is read with it, which must have been asked for before.
struct RecordTexts {
    let keyConverter: KeyConverter
    let keys: RegistryText?
    let values: RegistryText?

    init(_ converters: RecordConverters = RecordConverters(), scope: EventScope = .whole) {
        keyConverter = converters.key
        keys = converters.keyRegistry.map { RegistryText($0, .key, scope: .whole) }
        values = converters.valueRegistry.map { RegistryText($0, .value, scope: scope) }
    }

    /// Whether each record brings all that it takes to be read.
    var needNothing: Bool { keys == nil && values == nil }

    /// A question to the registry that must be answered before a record can be read.
    func missing(_ message: borrowing Message) -> (text: RegistryText, id: SchemaID)? {
        if let keys,
            let id = message.withKey({ key in
                keys.missing(key) { name in message.withHeader(name) { $0?.copied } }
            })
        {
            return (keys, id)
        }
        if let values,
            let id = message.withValue({ value in
                values.missing(value) { name in message.withHeader(name) { $0?.copied } }
            })
        {
            return (values, id)
        }
        return nil
    }

    /// - Throws: `DecodeError` for bytes that the converter does not read either.
    func withKey<R>(
        _ message: borrowing Message,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        try message.withKey { key throws(DecodeError) in
            guard let keys else { return try keyConverter.withJSON(key, body) }
            return try keys.withText(key, header: { name in message.withHeader(name) { $0?.copied } }, body)
        }
    }

    /// - Throws: `DecodeError` for bytes that the converter does not read either.
    func withValue<R>(
        _ message: borrowing Message,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        try message.withValue { value throws(DecodeError) in
            guard let values else { return try body(value) }
            return try values.withText(
                value,
                header: { name in message.withHeader(name) { $0?.copied } },
                body
            )
        }
    }
}
