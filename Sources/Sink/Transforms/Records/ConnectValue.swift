import ChangeEvents

/// Part of a JSON text: one whole value.
struct JSONSlice: Sendable {
    let bytes: [UInt8]
    let range: Range<Int>

    init(_ bytes: [UInt8], _ range: Range<Int>) { (self.bytes, self.range) = (bytes, range) }

    init(_ bytes: [UInt8]) { self.init(bytes, bytes.indices) }
}

/// A value of a record: opened as far as a transform looked, and the text that came from there on.
indirect enum ConnectValue: Sendable {
    case null
    /// Not looked at yet: any JSON but `null`.
    case raw(JSONSlice)
    case boolean(Bool)
    /// Of any integer type.
    case integer(Int64)
    case float(Float)
    case double(Double)
    /// A text, or bytes in base64 as JSON has them.
    case text(String)
    case array([ConnectValue])
    /// A struct, its fields in the order of its schema.
    case structure([ConnectValue])
    /// An object without schema, or a map with texts as keys.
    case object([(name: String, value: ConnectValue)])

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }
}

/// A key or value with its schema; without one it is what schemaless JSON says.
struct ConnectDatum: Sendable {
    var schema: ConnectSchema?
    var value: ConnectValue

    init(_ schema: ConnectSchema?, _ value: ConnectValue) { (self.schema, self.value) = (schema, value) }

    static let none = ConnectDatum(nil, .null)

    var isNull: Bool { value.isNull }
}

// MARK: Opening

extension JSONSlice {
    func scan<R>(_ body: (inout JSONScanner) throws(DecodeError) -> R) throws(DecodeError) -> R {
        let span = bytes.span.bytes
        var scanner = JSONScanner(span, in: range)
        return try body(&scanner)
    }

    /// The value that comes next, unread.
    func next(_ scanner: inout JSONScanner) throws(DecodeError) -> ConnectValue {
        let isNull = try scanner.peekKind() == .null
        let place = try scanner.skipValue()
        return isNull ? .null : .raw(JSONSlice(bytes, place))
    }
}

extension ConnectValue {
    /// The fields of a struct.
    ///
    /// - Throws: `DecodeError` where the text is no object, or lacks a required field; Connect's converter refuses it too.
    func fields(of schema: ConnectSchema) throws(DecodeError) -> [ConnectValue] {
        switch self {
        case .structure(let fields): return fields
        case .raw(let slice):
            return try slice.scan { scanner throws(DecodeError) in
                try Self.read(slice, &scanner, schema)
            }
        default: throw DecodeError("a struct was expected", at: 0)
        }
    }

    private static func read(
        _ slice: JSONSlice,
        _ scanner: inout JSONScanner,
        _ schema: ConnectSchema
    ) throws(DecodeError) -> [ConnectValue] {
        var values = [ConnectValue](repeating: .null, count: schema.fields.count)
        guard schema.kind == .structure, try scanner.peekKind() == .object else {
            throw DecodeError("the schema says struct, and the value is none", at: scanner.position)
        }
        var expected = 0
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            var place: Int?
            // Converters write the fields in the schema's order.
            if expected < schema.fields.count, scanner.matches(key, utf8: schema.fields[expected].name) {
                place = expected
            } else {
                place = schema.place(of: try scanner.value(of: key))
            }
            guard let place else {
                try scanner.skipValue()
                continue
            }
            values[place] = try slice.next(&scanner)
            expected = place + 1
        }
        for (field, value) in zip(schema.fields, values) where value.isNull && !field.schema.isOptional {
            throw DecodeError(
                "field \(field.name) is null or missing, and its schema requires it",
                at: slice.range.lowerBound
            )
        }
        return values
    }

    /// The members of an object without schema; of two with one name the last counts.
    func members() throws(DecodeError) -> [(name: String, value: ConnectValue)] {
        switch self {
        case .object(let members): return members
        case .raw(let slice):
            return try slice.scan { scanner throws(DecodeError) in
                guard try scanner.peekKind() == .object else {
                    throw DecodeError("an object was expected", at: scanner.position)
                }
                var members: [(name: String, value: ConnectValue)] = []
                var places: [ExactText: Int] = [:]
                try scanner.openObject()
                while let key = try scanner.nextKey() {
                    let name = try scanner.value(of: key)
                    let value = try slice.next(&scanner)
                    if let place = places[ExactText(name)] {
                        members[place].value = value
                    } else {
                        places[ExactText(name)] = members.count
                        members.append((name, value))
                    }
                }
                return members
            }
        default: throw DecodeError("an object was expected", at: 0)
        }
    }

    /// The elements of an array.
    func elements() throws(DecodeError) -> [ConnectValue] {
        switch self {
        case .array(let elements): return elements
        case .raw(let slice):
            return try slice.scan { scanner throws(DecodeError) in
                guard try scanner.peekKind() == .array else {
                    throw DecodeError("an array was expected", at: scanner.position)
                }
                var elements: [ConnectValue] = []
                try scanner.openArray()
                while try scanner.nextElement() { elements.append(try slice.next(&scanner)) }
                return elements
            }
        default: throw DecodeError("an array was expected", at: 0)
        }
    }

    /// The value with its kind known: a raw one is read, but for what an object or array has in it.
    func opened(_ schema: ConnectSchema?) throws(DecodeError) -> ConnectValue {
        guard case .raw(let slice) = self else { return self }
        return try slice.scan { scanner throws(DecodeError) in
            switch try scanner.peekKind() {
            case .null: return .null
            case .boolean: return .boolean(try scanner.boolean())
            case .string: return try Self.text(try scanner.value(of: try scanner.string()), schema)
            case .array: return .array(try elements())
            case .object:
                if let schema, schema.kind == .structure { return .structure(try fields(of: schema)) }
                return .object(try members())
            case .number:
                var bytes: [UInt8] = []
                scanner.appendRaw(try scanner.number(), to: &bytes)
                return try Self.number(String(decoding: bytes, as: UTF8.self), schema)
            }
        }
    }

    /// A text; where the schema says a number, one of the three that JSON has no number for.
    private static func text(_ text: String, _ schema: ConnectSchema?) throws(DecodeError) -> ConnectValue {
        guard let schema, schema.kind == .float || schema.kind == .double else { return .text(text) }
        guard let value = ["NaN": Double.nan, "Infinity": .infinity, "-Infinity": -.infinity][text] else {
            throw DecodeError("a text where the schema says a number", at: 0)
        }
        return schema.kind == .float ? .float(Float(value)) : .double(value)
    }

    private static func number(_ text: String, _ schema: ConnectSchema?) throws(DecodeError) -> ConnectValue {
        switch schema?.kind {
        case .float: if let value = Float(text) { return .float(value) }
        case .double: if let value = Double(text) { return .double(value) }
        case nil, .bytes:
            // Without a schema Connect has 64 bits for an integer and a double for all else; bytes are decimals.
            if let value = Int64(text) { return .integer(value) }
            if schema == nil, !text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || 0x30...0x39 ~= $0 }),
                let value = Double(text)
            {
                return .double(value)
            }
            if schema != nil { return .text(text) }
        case .int8: if let value = Int8(text) { return .integer(Int64(value)) }
        case .int16: if let value = Int16(text) { return .integer(Int64(value)) }
        case .int32: if let value = Int32(text) { return .integer(Int64(value)) }
        case .int64: if let value = Int64(text) { return .integer(value) }
        default: break
        }
        throw DecodeError("a number that its type has no room for", at: 0)
    }
}

extension JSONScanner {
    /// Whether a string is exactly this one.
    fileprivate func matches(_ text: Text, utf8 name: String) -> Bool {
        guard !text.hasEscapes, text.range.count == name.utf8.count else { return false }
        return matches(text, Array(name.utf8))
    }
}
