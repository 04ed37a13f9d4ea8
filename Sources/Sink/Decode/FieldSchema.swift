import ChangeEvents

/// What the schema in an event says about one field, as far as it settles how the value is read.
struct FieldSchema: Hashable, Sendable {
    enum Kind: Sendable { case boolean, integer, float, string, bytes, array, map, structure }

    /// What a time or timestamp counts; raw values are the units in a second.
    enum Unit: Int64, Sendable {
        case milliseconds = 1_000
        case microseconds = 1_000_000
        case nanoseconds = 1_000_000_000
    }

    /// The semantic types that this program needs to know (Connect's schema names).
    enum Semantic: Hashable, Sendable {
        case none, other
        case decimal, variableScaleDecimal
        case date
        case time(Unit)
        case timestamp(Unit)
        case duration
        case json
        /// A change event as a whole.
        case envelope
    }

    var kind: Kind
    var semantic = Semantic.none
    var scale: Int?
    var length: Int?
    /// The schema of an array's elements, if there is one.
    var items: [FieldSchema] = []

    static func semantic(named name: String) -> Semantic {
        switch name {
        case "org.apache.kafka.connect.data.Decimal": return .decimal
        case "io.debezium.data.VariableScaleDecimal": return .variableScaleDecimal
        case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date": return .date
        case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time": return .time(.milliseconds)
        case "io.debezium.time.MicroTime": return .time(.microseconds)
        case "io.debezium.time.NanoTime": return .time(.nanoseconds)
        case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp":
            return .timestamp(.milliseconds)
        case "io.debezium.time.MicroTimestamp": return .timestamp(.microseconds)
        case "io.debezium.time.NanoTimestamp": return .timestamp(.nanoseconds)
        case "io.debezium.time.MicroDuration": return .duration
        case "io.debezium.data.Json": return .json
        default: return name.utf8.suffix(9).elementsEqual(".Envelope".utf8) ? .envelope : .other
        }
    }
}

extension FieldSchema {
    /// Reads one schema object; `nil` when it is of no kind that is known.
    ///
    /// - Returns: the schema, its `field` name, and the fields of a struct.
    static func read(
        _ scanner: inout JSONScanner,
        depth: Int = 0
    ) throws(DecodeError) -> (schema: FieldSchema?, name: String?, fields: [(String, FieldSchema)]) {
        guard depth < 16, try scanner.peekKind() == .object else {
            try scanner.skipValue()
            return (nil, nil, [])
        }
        var schema = FieldSchema(kind: .structure)
        var kind: Kind? = nil
        var field: String? = nil
        var fields: [(String, FieldSchema)] = []
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "type") {
                kind = Self.kind(try scanner.value(of: try scanner.string()))
            } else if scanner.matches(key, "name"), try scanner.peekKind() == .string {
                schema.semantic = semantic(named: try scanner.value(of: try scanner.string()))
            } else if scanner.matches(key, "field") {
                field = try scanner.value(of: try scanner.string())
            } else if scanner.matches(key, "items") {
                if let items = try read(&scanner, depth: depth + 1).schema { schema.items = [items] }
            } else if scanner.matches(key, "parameters"), try scanner.peekKind() == .object {
                try schema.readParameters(&scanner)
            } else if scanner.matches(key, "fields"), try scanner.peekKind() == .array {
                try scanner.openArray()
                while try scanner.nextElement() {
                    let inner = try read(&scanner, depth: depth + 1)
                    guard let name = inner.name, let innerSchema = inner.schema else { continue }
                    fields.append((name, innerSchema))
                    // The row's schema stands in the envelope's, under the name `after`.
                    if name == "after" { fields += inner.fields.map { ("after." + $0.0, $0.1) } }
                }
            } else {
                try scanner.skipValue()
            }
        }
        guard let kind else { return (nil, field, fields) }
        schema.kind = kind
        return (schema, field, fields)
    }

    private mutating func readParameters(_ scanner: inout JSONScanner) throws(DecodeError) {
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if try scanner.peekKind() != .string {
                try scanner.skipValue()
            } else if scanner.matches(key, "scale") {
                scale = Int(try scanner.value(of: try scanner.string()))
            } else if scanner.matches(key, "length") {
                length = Int(try scanner.value(of: try scanner.string()))
            } else {
                try scanner.skipValue()
            }
        }
    }

    /// The kind of one of Connect's types.
    static func kind(_ word: String) -> Kind? {
        switch word {
        case "boolean": return .boolean
        case "int8", "int16", "int32", "int64": return .integer
        case "float", "double": return .float
        case "string": return .string
        case "bytes": return .bytes
        case "array": return .array
        case "map": return .map
        case "struct": return .structure
        default: return nil
        }
    }
}
