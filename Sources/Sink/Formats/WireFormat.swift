import ChangeEvents

/// What names a record's schema in a registry.
public enum SchemaID: Hashable, Sendable, CustomStringConvertible {
    /// Confluent's: one number for each text, in the whole registry.
    case number(UInt32)
    /// Confluent's since 8.0: the same in each registry.
    case guid(UInt64, UInt64)
    /// Apicurio's: one for each version of an artifact.
    case globalID(Int64)
    /// Apicurio's: one for each text.
    case contentID(Int64)

    public var description: String {
        switch self {
        case .number(let number): return "schema id \(number)"
        case .guid: return "schema GUID \(guidText)"
        case .globalID(let number): return "global id \(number)"
        case .contentID(let number): return "content id \(number)"
        }
    }

    /// A GUID as its texts are written (RFC 9562, section 4).
    var guidText: String {
        guard case .guid(let high, let low) = self else { return "" }
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        return [
            hex(high >> 32, 8), hex(high >> 16 & 0xFFFF, 4), hex(high & 0xFFFF, 4), hex(low >> 48, 4),
            hex(low & 0xFFFF_FFFF_FFFF, 12),
        ].joined(separator: "-")
    }
}

/// Whether a converter reads keys or values: each has its own headers.
public enum RecordPart: String, Sendable {
    case key, value
}

/// How a record names its schema.
///
/// Confluent's `SchemaId` and `DualSchemaIdDeserializer`: a header `__value_schema_id` counts before what stands in
/// front of the data; either is the byte 0 and four bytes of a number, or the byte 1 and sixteen of a GUID. Apicurio's
/// `DefaultHeadersHandler` and `IdHandler`s: headers `apicurio.value.globalId` and `.contentId` of eight bytes, or the
/// byte 0 and eight or four bytes.
public struct WireFormat: Sendable, Hashable {
    public enum Family: Sendable, Hashable {
        case confluent
        /// - Parameter usesContentID: which of its two numbers stands in front of the data.
        case apicurio(usesContentID: Bool)
    }

    let family: Family
    private let guidHeader: String
    private let contentHeader: String
    private let globalHeader: String
    private let encodingHeader: String

    public init(_ family: Family, _ part: RecordPart) {
        self.family = family
        guidHeader = "__\(part.rawValue)_schema_id"
        contentHeader = "apicurio.\(part.rawValue).contentId"
        globalHeader = "apicurio.\(part.rawValue).globalId"
        encodingHeader = "apicurio.\(part.rawValue).encoding"
    }

    /// A record's schema, and where the data begin.
    struct Frame: Hashable {
        var id: SchemaID
        var start: Int
    }

    /// - Parameter header: the last header of a name.
    /// - Throws: `DecodeError` for bytes in another format.
    func frame(_ bytes: RawSpan, header: (String) -> [UInt8]?) throws(DecodeError) -> Frame {
        switch family {
        case .confluent:
            guard let id = header(guidHeader) else { return try confluent(bytes) }
            let found = try confluent(id.span.bytes)
            guard found.start == id.count else {
                throw DecodeError("header \(guidHeader) has \(id.count) bytes and is no schema's id", at: 0)
            }
            return Frame(id: found.id, start: 0)
        case .apicurio(let usesContentID):
            if let encoding = header(encodingHeader), encoding == Array("JSON".utf8) {
                throw DecodeError(
                    "the data are in Avro's JSON encoding, which is not supported; write BINARY",
                    at: 0
                )
            }
            if let id = header(contentHeader) {
                return Frame(id: .contentID(try number(id, contentHeader)), start: 0)
            }
            if let id = header(globalHeader) {
                return Frame(id: .globalID(try number(id, globalHeader)), start: 0)
            }
            return try apicurio(bytes, usesContentID)
        }
    }

    private func confluent(_ bytes: RawSpan) throws(DecodeError) -> Frame {
        switch Self.load(bytes, 0, 1) {
        case 0?:
            guard let number = Self.load(bytes, 1, 4) else { break }
            guard number > 0 else {
                throw DecodeError(
                    "schema id 0: these are eight bytes, as Apicurio's converters write them",
                    at: 1
                )
            }
            return Frame(id: .number(UInt32(truncatingIfNeeded: number)), start: 5)
        case 1?:
            guard let high = Self.load(bytes, 1, 8), let low = Self.load(bytes, 9, 8) else { break }
            return Frame(id: .guid(high, low), start: 17)
        default: break
        }
        throw Self.unframed(bytes)
    }

    /// Ids begin at 1 and have no more than four bytes for long: so four zeros are the beginning of eight bytes.
    private func apicurio(_ bytes: RawSpan, _ usesContentID: Bool) throws(DecodeError) -> Frame {
        guard Self.load(bytes, 0, 1) == 0, let start = Self.load(bytes, 1, 4) else {
            throw Self.unframed(bytes)
        }
        var number = Int64(start)
        if start == 0 {
            guard let whole = Self.load(bytes, 1, 8), let id = Int64(exactly: whole) else {
                throw Self.unframed(bytes)
            }
            number = id
        }
        return Frame(id: usesContentID ? .contentID(number) : .globalID(number), start: start == 0 ? 9 : 5)
    }

    private func number(_ bytes: [UInt8], _ header: String) throws(DecodeError) -> Int64 {
        guard bytes.count == 8, let number = Self.load(bytes.span.bytes, 0, 8) else {
            throw DecodeError("header \(header) has \(bytes.count) bytes, and eight are an id", at: 0)
        }
        return Int64(bitPattern: number)
    }

    private static func unframed(_ bytes: RawSpan) -> DecodeError {
        let first = load(bytes, 0, 1)
        if let first, first == UInt64(UInt8(ascii: "{")) || first == UInt64(UInt8(ascii: "[")) {
            return DecodeError(
                "this is JSON without a registry's schema id: the converter is JsonConverter",
                at: 0
            )
        }
        return DecodeError("no registry's schema id stands in front of the data, nor in a header", at: 0)
    }

    /// A big-endian number; `nil` past the end.
    private static func load(_ bytes: RawSpan, _ start: Int, _ count: Int) -> UInt64? {
        guard start + count <= bytes.byteCount else { return nil }
        // SAFETY: so many bytes are there.
        return (start..<start + count).reduce(0) {
            $0 << 8 | UInt64(bytes.unsafeLoad(fromByteOffset: $1, as: UInt8.self))
        }
    }
}
