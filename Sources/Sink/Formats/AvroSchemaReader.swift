/// Reads the texts of schemas into nodes, named types by their full names.
struct AvroSchemaReader {
    private(set) var nodes: [AvroSchema.Node] = []
    private var named: [ExactText: Int] = [:]
    /// Schemas in schemas.
    private static let depthLimit = 40
    private static let fixedLimit = 64 << 20

    /// - Parameter namespace: that of the type around it; empty for none.
    /// - Returns: the schema's node.
    mutating func read(
        _ tree: SchemaTree,
        in namespace: String = "",
        depth: Int = 0
    ) throws(SchemaError) -> Int {
        guard depth < Self.depthLimit else { throw SchemaError("the schema is nested too deeply") }
        switch tree {
        case .string(let name): return try reference(name, namespace)
        case .array(let branches):
            var union: [Int] = []
            for branch in branches { union.append(try read(branch, in: namespace, depth: depth + 1)) }
            guard !union.isEmpty else { throw SchemaError("the schema has a union of nothing") }
            return try add(AvroSchema.Node(kind: .union(union)))
        case .object: return try object(tree, namespace, depth)
        default: throw SchemaError("the schema has a part that is no Avro schema")
        }
    }

    private mutating func object(
        _ tree: SchemaTree,
        _ namespace: String,
        _ depth: Int
    ) throws(SchemaError) -> Int {
        guard let type = tree["type"] else { throw SchemaError("a part of the schema has no type") }
        guard let word = type.text else {
            // A schema in a schema: what stands beside it counts where the inner one says nothing.
            let inner = try read(type, in: namespace, depth: depth + 1)
            var node = nodes[inner]
            // A named type may be used elsewhere without these notes.
            guard node.name.isEmpty else { return inner }
            note(tree, &node)
            return try add(node)
        }
        switch word {
        case "record", "error": return try record(tree, namespace, depth)
        case "enum":
            var symbols: [String] = []
            for symbol in tree["symbols"]?.elements ?? [] {
                guard let text = symbol.text else {
                    throw SchemaError("an enum has a symbol that is no text")
                }
                symbols.append(text)
            }
            return try define(.enumeration(symbols), tree, namespace)
        case "fixed":
            guard let size = tree["size"]?.integer, 0...Self.fixedLimit ~= size else {
                throw SchemaError("a fixed type has no size from 0 to \(Self.fixedLimit)")
            }
            return try define(.fixed(size), tree, namespace)
        case "array":
            guard let items = tree["items"] else { throw SchemaError("an array has no items") }
            return try unnamed(.array(try read(items, in: namespace, depth: depth + 1)), tree)
        case "map":
            guard let values = tree["values"] else { throw SchemaError("a map has no values") }
            return try unnamed(.map(try read(values, in: namespace, depth: depth + 1)), tree)
        default:
            let found = try reference(word, namespace)
            guard nodes[found].name.isEmpty else { return found }
            var node = nodes[found]
            note(tree, &node)
            return try add(node)
        }
    }

    private mutating func record(
        _ tree: SchemaTree,
        _ namespace: String,
        _ depth: Int
    ) throws(SchemaError) -> Int {
        // Known before its fields are read: they may be of this very type.
        let index = try define(.record([]), tree, namespace)
        let inner = Self.namespace(of: nodes[index].name)
        var fields: [AvroSchema.Field] = []
        for field in tree["fields"]?.elements ?? [] {
            guard let name = field["name"]?.text, let type = field["type"] else {
                throw SchemaError("record \(nodes[index].name) has a field without name or type")
            }
            let fallback = field["default"].flatMap(AvroSchema.Fallback.init)
            let node = try read(type, in: inner, depth: depth + 1)
            fields.append(AvroSchema.Field(name: name, node: node, fallback: fallback))
        }
        nodes[index].kind = .record(fields)
        return index
    }

    private mutating func define(
        _ kind: AvroSchema.Kind,
        _ tree: SchemaTree,
        _ namespace: String
    ) throws(SchemaError) -> Int {
        guard let simple = tree["name"]?.text, !simple.isEmpty else {
            throw SchemaError("a record, enum or fixed type has no name")
        }
        let name: String
        if simple.unicodeScalars.contains(".") {
            name = simple
        } else {
            name = Self.full(simple, tree["namespace"]?.text ?? namespace)
        }
        guard named[ExactText(name)] == nil else { throw SchemaError("the schema defines \(name) twice") }
        var node = AvroSchema.Node(kind: kind, name: name)
        note(tree, &node)
        let index = try add(node)
        named[ExactText(name)] = index
        return index
    }

    private mutating func unnamed(_ kind: AvroSchema.Kind, _ tree: SchemaTree) throws(SchemaError) -> Int {
        var node = AvroSchema.Node(kind: kind)
        note(tree, &node)
        return try add(node)
    }

    private func note(_ tree: SchemaTree, _ node: inout AvroSchema.Node) {
        node.logicalType = node.logicalType ?? tree["logicalType"]?.text
        node.precision = node.precision ?? tree["precision"]?.integer
        node.scale = node.scale ?? tree["scale"]?.integer
        node.notes = node.notes.completed(by: ConnectNotes(tree))
    }

    private mutating func reference(_ name: String, _ namespace: String) throws(SchemaError) -> Int {
        if let kind = Self.primitive(name) { return try add(AvroSchema.Node(kind: kind)) }
        if !name.unicodeScalars.contains("."), !namespace.isEmpty,
            let index = named[ExactText(Self.full(name, namespace))]
        {
            return index
        }
        guard let index = named[ExactText(name)] else {
            throw SchemaError("the schema names the type \(name), which it does not define")
        }
        return index
    }

    private mutating func add(_ node: AvroSchema.Node) throws(SchemaError) -> Int {
        guard nodes.count < AvroSchema.nodeLimit else {
            throw SchemaError("the schema has more than \(AvroSchema.nodeLimit) types")
        }
        nodes.append(node)
        return nodes.count - 1
    }

    private static func primitive(_ name: String) -> AvroSchema.Kind? {
        switch name {
        case "null": return .null
        case "boolean": return .boolean
        case "int": return .int
        case "long": return .long
        case "float": return .float
        case "double": return .double
        case "bytes": return .bytes
        case "string": return .string
        default: return nil
        }
    }

    private static func full(_ name: String, _ namespace: String) -> String {
        namespace.isEmpty ? name : "\(namespace).\(name)"
    }

    private static func namespace(of name: String) -> String {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "" }
        return String(Substring(name.utf8[..<dot]))
    }
}
