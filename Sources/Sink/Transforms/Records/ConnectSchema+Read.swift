import ChangeEvents

extension ConnectSchema {
    /// Deeper schemas are refused: each level of a schema's text has those below it.
    private static let maximumDepth = 24

    /// Reads the schema that comes next in a text, as `JsonConverter.asConnectSchema` does.
    ///
    /// - Returns: the schema, and the name of the field that it is for.
    /// - Throws: `DecodeError` for text that is no schema.
    static func read(
        _ scanner: inout JSONScanner,
        depth: Int = 0
    ) throws(DecodeError) -> (schema: ConnectSchema, field: String?) {
        let start = scanner.position
        guard depth < maximumDepth, try scanner.peekKind() == .object else {
            throw DecodeError(
                depth < maximumDepth
                    ? "a schema is no object" : "a schema is nested more than \(maximumDepth) deep",
                at: start
            )
        }
        var kind: Kind?
        var isOptional = false
        var metadata = Metadata()
        var field: String?
        var parts = Parts()
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            let found = try scanner.peekKind()
            switch found {
            case .string where scanner.matches(key, "type"):
                kind = Kind(rawValue: try scanner.value(of: try scanner.string()))
            case .boolean where scanner.matches(key, "optional"): isOptional = try scanner.boolean()
            case .string where scanner.matches(key, "name"):
                metadata.name = try scanner.value(of: try scanner.string())
            case .string where scanner.matches(key, "field"):
                field = try scanner.value(of: try scanner.string())
            case .number where scanner.matches(key, "version"): metadata.version = try scanner.integer()
            case .string where scanner.matches(key, "doc"):
                metadata.doc = try scanner.value(of: try scanner.string())
            case .object where scanner.matches(key, "parameters"):
                metadata.parameters = try parameters(&scanner)
            case .null: try scanner.skipValue()
            case _ where scanner.matches(key, "default"):
                var text: [UInt8] = []
                scanner.appendRaw(try scanner.skipValue(), to: &text)
                metadata.fallback = text
            case .array where scanner.matches(key, "fields"):
                try scanner.openArray()
                while try scanner.nextElement() {
                    let inner = try read(&scanner, depth: depth + 1)
                    guard let name = inner.field else {
                        throw DecodeError("a field of a schema has no name", at: scanner.position)
                    }
                    parts.fields.append(Field(name: name, schema: inner.schema))
                }
            case .object where scanner.matches(key, "items") || scanner.matches(key, "values"):
                parts.items = try read(&scanner, depth: depth + 1).schema
            case .object where scanner.matches(key, "keys"):
                parts.keys = try read(&scanner, depth: depth + 1).schema
            default: try scanner.skipValue()
            }
        }
        guard let kind, kind == .array || kind == .map ? parts.items != nil : true,
            kind == .map ? parts.keys != nil : true
        else { throw DecodeError("a schema lacks its type, or the types of its parts", at: start) }
        let schema = try ConnectSchema(
            kind,
            isOptional: isOptional,
            metadata: metadata,
            fields: kind == .structure ? parts.fields : [],
            items: kind == .array || kind == .map ? parts.items : nil,
            keys: kind == .map ? parts.keys : nil
        )
        return (schema, field)
    }

    private struct Parts {
        var fields: [Field] = []
        var items: ConnectSchema?
        var keys: ConnectSchema?
    }

    private static func parameters(
        _ scanner: inout JSONScanner
    ) throws(DecodeError) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            let name = try scanner.value(of: key)
            guard try scanner.peekKind() == .string else {
                throw DecodeError("a parameter of a schema is no text", at: scanner.position)
            }
            parameters.append((name, try scanner.value(of: try scanner.string())))
        }
        return parameters
    }
}

/// Something made of a schema, kept as long as the schema is likely to come again.
struct SchemaCache<Made: Sendable>: Sendable {
    /// A table of a topic has one schema at a time; what changes it is rare.
    private static var limit: Int { 64 }

    /// The schema is kept too, so that its identity is not another's.
    private var entries: [ObjectIdentifier: (schema: ConnectSchema, made: Made)] = [:]

    subscript(schema: ConnectSchema) -> Made? {
        get { entries[ObjectIdentifier(schema)]?.made }
        set {
            if entries.count >= Self.limit { entries.removeAll(keepingCapacity: true) }
            entries[ObjectIdentifier(schema)] = newValue.map { (schema, $0) }
        }
    }

    /// What is kept, or made now.
    mutating func value(
        for schema: ConnectSchema,
        _ make: (ConnectSchema) throws(DecodeError) -> Made
    ) throws(DecodeError) -> Made {
        if let made = self[schema] { return made }
        let made = try make(schema)
        self[schema] = made
        return made
    }
}
