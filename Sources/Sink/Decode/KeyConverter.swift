import ChangeEvents

/// How a key's bytes are read: `key.converter`, by Connect's classes.
///
/// A key that is no JSON becomes what JsonConverter would have written of the same value, with its schema; so it means
/// the same everywhere after this.
enum KeyConverter: String, CaseIterable, Sendable {
    case json = "org.apache.kafka.connect.json.JsonConverter"
    case string = "org.apache.kafka.connect.storage.StringConverter"
    case int16 = "org.apache.kafka.connect.converters.ShortConverter"
    case int32 = "org.apache.kafka.connect.converters.IntegerConverter"
    case int64 = "org.apache.kafka.connect.converters.LongConverter"
    case float = "org.apache.kafka.connect.converters.FloatConverter"
    case double = "org.apache.kafka.connect.converters.DoubleConverter"
    case boolean = "org.apache.kafka.connect.converters.BooleanConverter"
    case bytes = "org.apache.kafka.connect.converters.ByteArrayConverter"

    /// The class without its package.
    var name: String { String(Substring(rawValue.utf8.suffix(from: afterLastDot))) }

    private var afterLastDot: String.UTF8View.Index {
        rawValue.utf8.lastIndex(of: UInt8(ascii: ".")).map { rawValue.utf8.index(after: $0) }
            ?? rawValue.utf8.startIndex
    }

    /// Lends a key as JSON; no key stays none.
    ///
    /// - Throws: `DecodeError` for bytes that the converter does not read either.
    func withJSON<R>(
        _ key: RawSpan?,
        _ body: (RawSpan?) throws(DecodeError) -> R
    ) throws(DecodeError) -> R {
        guard self != .json, let key else { return try body(key) }
        let text = try json(of: key.copied)
        return try body(text.span.bytes)
    }

    /// The text that JsonConverter would have written.
    func json(of key: [UInt8]) throws(DecodeError) -> [UInt8] {
        switch self {
        case .json: return key
        case .string:
            // Java puts a mark in the place of such bytes: two keys would become one.
            guard String(validating: key, as: UTF8.self) != nil else {
                throw DecodeError("the key is no UTF-8 text, which \(name) reads", at: 0)
            }
            return Self.envelope("string", JSONText.quoted(key))
        case .int16: return Self.envelope("int16", "\(Int16(truncatingIfNeeded: try number(key, 2)))")
        case .int32: return Self.envelope("int32", "\(Int32(truncatingIfNeeded: try number(key, 4)))")
        case .int64: return Self.envelope("int64", "\(Int64(bitPattern: try number(key, 8)))")
        case .float:
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: try number(key, 4)))
            return Self.envelope("float", value.isFinite ? "\(value)" : Self.named(Double(value)))
        case .double:
            let value = Double(bitPattern: try number(key, 8))
            return Self.envelope("double", value.isFinite ? "\(value)" : Self.named(value))
        case .boolean:
            guard key == [0] || key == [1] else {
                throw DecodeError("the key is not the byte 0 or 1, which \(name) reads", at: 0)
            }
            return Self.envelope("boolean", key == [1] ? "true" : "false")
        case .bytes: return Self.envelope("bytes", JSONText.quoted(Array(Base64.encode(key).utf8)))
        }
    }

    /// A big-endian number of so many bytes, in Kafka's serializers' form.
    private func number(_ key: [UInt8], _ size: Int) throws(DecodeError) -> UInt64 {
        guard key.count == size else {
            throw DecodeError("the key has \(key.count) bytes, and \(name) reads \(size)", at: 0)
        }
        return key.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func named(_ value: Double) -> String {
        value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }

    private static func envelope(_ type: String, _ payload: String) -> [UInt8] {
        envelope(type, Array(payload.utf8))
    }

    private static func envelope(_ type: String, _ payload: [UInt8]) -> [UInt8] {
        let start = "{\"schema\":{\"type\":\"\(type)\",\"optional\":false},\"payload\":"
        return Array(start.utf8) + payload + [UInt8(ascii: "}")]
    }
}
