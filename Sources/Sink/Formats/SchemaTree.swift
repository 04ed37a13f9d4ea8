import ChangeEvents

/// A schema's text as a tree of JSON, read once and within limits: a registry is as untrusted as a record.
indirect enum SchemaTree: Sendable {
    case null
    case boolean(Bool)
    /// As it stands in the text.
    case number(String)
    case string(String)
    case array([SchemaTree])
    case object([Member])

    struct Member: Sendable {
        let name: String
        let value: SchemaTree
    }

    /// Bytes of a schema's text.
    static let byteLimit = 4 << 20
    /// Levels of nesting, each schema of which takes two or three.
    static let depthLimit = 100
    /// Values in a schema's text.
    static let valueLimit = 200_000

    /// - Throws: `SchemaError` when the text is not JSON or exceeds a limit.
    init(_ text: [UInt8]) throws(SchemaError) {
        guard text.count <= Self.byteLimit else {
            throw SchemaError("the schema has \(text.count) bytes, and at most \(Self.byteLimit) are read")
        }
        do throws(DecodeError) {
            var scanner = JSONScanner(text.span.bytes)
            var count = 0
            self = try Self.read(&scanner, depth: 0, &count)
            try scanner.finish()
        } catch {
            throw SchemaError("the schema is not JSON: \(error)")
        }
    }

    private static func read(
        _ scanner: inout JSONScanner,
        depth: Int,
        _ count: inout Int
    ) throws(DecodeError) -> SchemaTree {
        count += 1
        guard count <= valueLimit, depth <= depthLimit else {
            throw DecodeError("the schema is nested too deeply or has too many parts", at: scanner.position)
        }
        switch try scanner.peekKind() {
        case .null:
            try scanner.skipValue()
            return .null
        case .boolean: return .boolean(try scanner.boolean())
        case .number:
            var bytes: [UInt8] = []
            scanner.appendRaw(try scanner.number(), to: &bytes)
            return .number(String(decoding: bytes, as: UTF8.self))
        case .string: return .string(try scanner.value(of: try scanner.string()))
        case .array:
            var elements: [SchemaTree] = []
            try scanner.openArray()
            while try scanner.nextElement() {
                elements.append(try read(&scanner, depth: depth + 1, &count))
            }
            return .array(elements)
        case .object:
            var members: [Member] = []
            try scanner.openObject()
            while let key = try scanner.nextKey() {
                let name = try scanner.value(of: key)
                members.append(Member(name: name, value: try read(&scanner, depth: depth + 1, &count)))
            }
            return .object(members)
        }
    }

    /// The last member of this name, as Java's readers take it.
    subscript(_ name: String) -> SchemaTree? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.isSame(as: name) }?.value
    }

    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var elements: [SchemaTree]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    var members: [Member]? {
        if case .object(let members) = self { return members }
        return nil
    }

    /// A whole number, also one that a text holds, as Connect's parameters do.
    var integer: Int? {
        switch self {
        case .number(let text), .string(let text): return Int(text)
        default: return nil
        }
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }
}
