/// An Avro schema with its names resolved (Avro 1.12, "Schema Declaration").
///
/// Nodes refer to each other by number, so that a type that contains itself is no cycle of references.
struct AvroSchema: Sendable {
    enum Kind: Sendable, Hashable {
        case null, boolean, int, long, float, double, bytes, string
        case fixed(Int)
        case enumeration([String])
        case array(Int)
        case map(Int)
        case record([Field])
        case union([Int])
    }

    struct Field: Sendable, Hashable {
        let name: String
        let node: Int
        /// What is written where Connect leaves the field out; no part of the bytes.
        let fallback: Fallback?
    }

    /// A default, in the forms that become a column's.
    enum Fallback: Sendable, Hashable {
        case null
        /// A number or boolean, as JSON writes it.
        case word(String)
        case text(String)
    }

    struct Node: Sendable {
        var kind: Kind
        /// The full name of a record, enum or fixed; else empty.
        var name = ""
        var logicalType: String?
        var precision: Int?
        var scale: Int?
        var notes = ConnectNotes()
    }

    private(set) var nodes: [Node] = []
    private(set) var root = 0

    /// Types in a schema with all that it refers to.
    static let nodeLimit = 50_000

    /// - Parameter references: texts of schemas that the others refer to by name; each one after those that it needs.
    /// - Throws: `SchemaError` for what is no schema or exceeds a limit.
    init(_ text: [UInt8], references: [[UInt8]] = []) throws(SchemaError) {
        var reader = AvroSchemaReader()
        for reference in references { _ = try reader.read(try SchemaTree(reference)) }
        root = try reader.read(try SchemaTree(text))
        nodes = reader.nodes
    }
}

/// What Connect's converters note beside a schema's type.
struct ConnectNotes: Sendable, Hashable {
    /// `connect.name`.
    var name: String?
    /// `connect.type`: int8 or int16 for an Avro int.
    var type: String?
    /// `connect.version`.
    var version: Int?
    /// `connect.parameters`, in their order.
    var parameters: [Parameter] = []
    /// `connect.default`.
    var fallback: AvroSchema.Fallback?
    /// `connect.internal.type`.
    var internalType: String?

    struct Parameter: Sendable, Hashable {
        let name: String
        let value: String
    }

    init() {}

    init(_ tree: SchemaTree) {
        name = tree["connect.name"]?.text
        type = tree["connect.type"]?.text
        version = tree["connect.version"]?.integer
        internalType = tree["connect.internal.type"]?.text
        fallback = tree["connect.default"].flatMap(AvroSchema.Fallback.init)
        for member in tree["connect.parameters"]?.members ?? [] {
            guard let value = member.value.text else { continue }
            parameters.append(Parameter(name: member.name, value: value))
        }
    }

    /// These, with what they lack from the others: a schema in a schema has two places for them.
    func completed(by others: ConnectNotes) -> ConnectNotes {
        var notes = self
        notes.name = name ?? others.name
        notes.type = type ?? others.type
        notes.version = version ?? others.version
        notes.internalType = internalType ?? others.internalType
        notes.fallback = fallback ?? others.fallback
        if parameters.isEmpty { notes.parameters = others.parameters }
        return notes
    }
}

extension AvroSchema.Fallback {
    /// `nil` for a default of several values.
    init?(_ tree: SchemaTree) {
        switch tree {
        case .null: self = .null
        case .boolean(let value): self = .word(value ? "true" : "false")
        case .number(let text): self = .word(text)
        case .string(let text): self = .text(text)
        case .array, .object: return nil
        }
    }
}
