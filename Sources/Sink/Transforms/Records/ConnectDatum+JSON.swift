import ChangeEvents

/// Schemas that came at the beginning of records' keys or values, known again by their bytes.
struct SchemaMemory: Sendable {
    /// Topics that share a chain take turns.
    private static let limit = 16

    private var entries: [(prefix: [UInt8], schema: ConnectSchema)] = []

    /// The schema at the beginning of a text, and where it ends; `nil` where it is not known.
    mutating func known(_ text: [UInt8]) -> (schema: ConnectSchema, end: Int)? {
        guard let place = entries.firstIndex(where: { text.starts(with: $0.prefix) }) else { return nil }
        let entry = entries[place]
        if place > 0 {
            entries.remove(at: place)
            entries.insert(entry, at: 0)
        }
        return (entry.schema, entry.prefix.count)
    }

    mutating func remember(_ schema: ConnectSchema, upTo end: Int, of text: [UInt8]) {
        if entries.count == Self.limit { entries.removeLast() }
        entries.insert((Array(text[..<end]), schema), at: 0)
    }
}

extension ConnectDatum {
    /// Reads a key or value as `JsonConverter` does: `{"schema": …, "payload": …}`, or the bare payload.
    ///
    /// - Throws: `DecodeError` when it is not JSON, or its schema is none.
    init(_ text: [UInt8], _ memory: inout SchemaMemory) throws(DecodeError) {
        let slice = JSONSlice(text)
        if let known = memory.known(text), let payload = try Self.payload(slice, after: known.end) {
            self.init(known.schema, payload)
            return
        }
        self = try slice.scan { scanner throws(DecodeError) in
            let kind = try scanner.peekKind()
            guard kind == .object else {
                let value = try slice.next(&scanner)
                try scanner.finish()
                return ConnectDatum(nil, value)
            }
            return try Self.object(slice, &scanner, &memory)
        }
    }

    private static func object(
        _ slice: JSONSlice,
        _ scanner: inout JSONScanner,
        _ memory: inout SchemaMemory
    ) throws(DecodeError) -> ConnectDatum {
        let start = scanner.position
        var (schemaPlace, payload): (Range<Int>?, ConnectValue?) = (nil, nil)
        var isWrapped = true
        var schemaIsFirst = true
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            let kind = try scanner.peekKind()
            if scanner.matches(key, "schema"), kind == .object || kind == .null, schemaPlace == nil {
                schemaIsFirst = payload == nil
                schemaPlace = try scanner.skipValue()
            } else if scanner.matches(key, "payload"), payload == nil {
                payload = try slice.next(&scanner)
            } else {
                isWrapped = false
                try scanner.skipValue()
            }
        }
        let end = scanner.position
        try scanner.finish()
        guard isWrapped, let schemaPlace, let payload else {
            return ConnectDatum(nil, .raw(JSONSlice(slice.bytes, start..<end)))
        }
        let schema = try JSONSlice(slice.bytes, schemaPlace).scan { scanner throws(DecodeError) in
            try scanner.peekKind() == .null ? nil : try ConnectSchema.read(&scanner).schema
        }
        if let schema, schemaIsFirst {
            memory.remember(schema, upTo: schemaPlace.upperBound, of: slice.bytes)
        }
        return ConnectDatum(schema, payload)
    }

    /// The payload after a known schema; `nil` where the text goes on in another way.
    private static func payload(_ slice: JSONSlice, after end: Int) throws(DecodeError) -> ConnectValue? {
        let middle = Array(",\"payload\":".utf8)
        guard slice.bytes[end...].starts(with: middle) else { return nil }
        let rest = JSONSlice(slice.bytes, (end + middle.count)..<slice.bytes.count)
        return try rest.scan { scanner throws(DecodeError) in
            let value = try slice.next(&scanner)
            guard try scanner.nextKey() == nil else { return nil }
            try scanner.finish()
            return value
        }
    }

    /// The bytes for the decoder: what `JsonConverter` writes; `nil` for no value.
    func json() throws(DecodeError) -> [UInt8]? {
        guard !isNull else { return nil }
        var text: [UInt8] = []
        if let schema {
            text += Array("{\"schema\":".utf8)
            schema.append(to: &text)
            text += Array(",\"payload\":".utf8)
            try value.append(to: &text, schema)
            text.append(UInt8(ascii: "}"))
        } else if try isTakenForSchema {
            text += Array("{\"schema\":null,\"payload\":".utf8)
            try value.append(to: &text, nil)
            text.append(UInt8(ascii: "}"))
        } else {
            try value.append(to: &text, nil)
        }
        return text
    }

    /// Whether a bare object could be read as a schema with its payload.
    private var isTakenForSchema: Bool {
        get throws(DecodeError) {
            guard case .object(let members) = value else { return false }
            return members.contains { $0.name.isSame(as: "payload") }
        }
    }
}

extension ConnectValue {
    /// Writes the value as JSON.
    ///
    /// - Throws: `DecodeError` where the value is not of its schema.
    func append(to target: inout [UInt8], _ schema: ConnectSchema?) throws(DecodeError) {
        switch self {
        case .null: target += Array("null".utf8)
        case .raw(let slice): target += slice.bytes[slice.range]
        case .boolean(let value): target += Array(value ? "true".utf8 : "false".utf8)
        case .integer(let value): target += Array(String(value).utf8)
        case .float(let value): target += Array(Self.written(Double(value), value.description).utf8)
        case .double(let value): target += Array(Self.written(value, value.description).utf8)
        case .text(let text): target += JSONText.quoted(Array(text.utf8))
        case .array(let elements):
            target.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                if place > 0 { target.append(UInt8(ascii: ",")) }
                try element.append(to: &target, schema?.items)
            }
            target.append(UInt8(ascii: "]"))
        case .structure(let values):
            guard let schema, schema.fields.count == values.count else {
                throw DecodeError("a struct without its schema", at: 0)
            }
            try Self.append(zip(schema.fields.lazy.map(\.name), values), to: &target) {
                schema.fields[$0].schema
            }
        case .object(let members):
            try Self.append(members.lazy.map { ($0.name, $0.value) }, to: &target) { _ in schema?.items }
        }
    }

    private static func append(
        _ members: some Sequence<(String, ConnectValue)>,
        to target: inout [UInt8],
        _ schema: (Int) -> ConnectSchema?
    ) throws(DecodeError) {
        target.append(UInt8(ascii: "{"))
        var place = 0
        for (name, value) in members {
            if place > 0 { target.append(UInt8(ascii: ",")) }
            target += JSONText.quoted(Array(name.utf8))
            target.append(UInt8(ascii: ":"))
            try value.append(to: &target, schema(place))
            place += 1
        }
        target.append(UInt8(ascii: "}"))
    }

    /// JSON has no number for these three; converters write their names.
    private static func written(_ value: Double, _ text: String) -> String {
        if value.isFinite { return text }
        return value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }
}
