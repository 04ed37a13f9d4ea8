import ChangeEvents

/// One field of a record's Connect schema, with all that a column is made from.
struct ConnectField: Hashable, Sendable {
    /// What the schema says about values that are left out.
    enum Default: Hashable, Sendable {
        case none
        /// A number or boolean, as JSON writes it.
        case word(String)
        case text(String)
        /// A list or an object, as JSON.
        case other(String)
    }

    var name = ""
    /// Connect's type: `int32`, `string`, `struct` and so on.
    var type = ""
    /// The schema's name, which tells what the type stands for.
    var semantic: String?
    var isOptional = false
    var fallback = Default.none
    var parameters: [String: String] = [:]
    /// The elements of an array, if they have a schema.
    var items: [ConnectField] = []
    /// The fields of a struct.
    var fields: [ConnectField] = []

    /// The schema that stands before the payload of a key or value; `nil` where there is none.
    ///
    /// - Throws: `DecodeError` when the text is not JSON.
    static func schema(of bytes: RawSpan) throws(DecodeError) -> ConnectField? {
        var scanner = JSONScanner(bytes)
        guard try scanner.peekKind() == .object else { return nil }
        try scanner.openObject()
        guard let first = try scanner.nextKey(), scanner.matches(first, "schema"),
            try scanner.peekKind() == .object
        else { return nil }
        return try read(&scanner)
    }

    private static func read(
        _ scanner: inout JSONScanner,
        depth: Int = 0
    ) throws(DecodeError) -> ConnectField {
        var field = ConnectField()
        guard depth < 16, try scanner.peekKind() == .object else {
            try scanner.skipValue()
            return field
        }
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            let kind = try scanner.peekKind()
            if scanner.matches(key, "type"), kind == .string {
                field.type = try scanner.value(of: try scanner.string())
            } else if scanner.matches(key, "name"), kind == .string {
                field.semantic = try scanner.value(of: try scanner.string())
            } else if scanner.matches(key, "field"), kind == .string {
                field.name = try scanner.value(of: try scanner.string())
            } else if scanner.matches(key, "optional"), kind == .boolean {
                field.isOptional = try scanner.boolean()
            } else if scanner.matches(key, "default") {
                field.fallback = try readDefault(&scanner, kind)
            } else if scanner.matches(key, "parameters"), kind == .object {
                field.parameters = try readParameters(&scanner)
            } else if scanner.matches(key, "items"), kind == .object {
                field.items = [try read(&scanner, depth: depth + 1)]
            } else if scanner.matches(key, "fields"), kind == .array {
                try scanner.openArray()
                while try scanner.nextElement() {
                    field.fields.append(try read(&scanner, depth: depth + 1))
                }
            } else {
                try scanner.skipValue()
            }
        }
        return field
    }

    private static func readDefault(
        _ scanner: inout JSONScanner,
        _ kind: JSONScanner.Kind
    ) throws(DecodeError) -> Default {
        switch kind {
        case .number:
            var bytes: [UInt8] = []
            scanner.appendRaw(try scanner.number(), to: &bytes)
            return .word(String(decoding: bytes, as: UTF8.self))
        case .boolean: return .word(try scanner.boolean() ? "true" : "false")
        case .string: return .text(try scanner.value(of: try scanner.string()))
        case .null:
            try scanner.skipValue()
            return .none
        case .array, .object:
            var bytes: [UInt8] = []
            scanner.appendRaw(try scanner.skipValue(), to: &bytes)
            return .other(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func readParameters(
        _ scanner: inout JSONScanner
    ) throws(DecodeError) -> [String: String] {
        var parameters: [String: String] = [:]
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            guard try scanner.peekKind() == .string else {
                try scanner.skipValue()
                continue
            }
            let name = try scanner.value(of: key)
            parameters[name] = try scanner.value(of: try scanner.string())
        }
        return parameters
    }
}
