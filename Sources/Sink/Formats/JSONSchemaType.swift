/// The Connect schema that Confluent's JsonSchemaConverter reads out of a JSON Schema.
///
/// `connect.type` counts before `type`, `title` is the schema's name, `connect.index` orders the fields, and one of
/// `oneOf` with null is optional. References lead within the text, or to the texts that it refers to.
struct JSONSchemaType {
    private let root: SchemaTree
    /// Texts that the schema refers to, by the name of the reference.
    private let others: [ExactText: SchemaTree]
    private static let depthLimit = 14
    private var budget = 20_000

    init(_ root: SchemaTree, references: [ExactText: SchemaTree] = [:]) {
        (self.root, others) = (root, references)
    }

    /// The whole schema's type; a text without one where it says nothing.
    mutating func connectType() -> ConnectType {
        type(of: root, in: root, depth: 0) ?? ConnectType("struct")
    }

    private mutating func type(of tree: SchemaTree, in document: SchemaTree, depth: Int) -> ConnectType? {
        budget -= 1
        guard budget > 0, depth <= 2 * Self.depthLimit else { return nil }
        if let reference = tree["$ref"]?.text {
            guard let (target, document) = resolve(reference, document) else { return nil }
            return type(of: target, in: document, depth: depth + 1)
        }
        for keyword in ["oneOf", "anyOf"] {
            if let choices = tree[keyword]?.elements { return choice(choices, tree, document, depth) }
        }
        if let parts = tree["allOf"]?.elements, parts.count == 1 {
            return type(of: parts[0], in: document, depth: depth + 1)
        }
        guard let (word, isOptional) = word(of: tree) else { return nil }
        var type = ConnectType(word)
        type.isOptional = isOptional
        note(tree, &type)
        guard depth < Self.depthLimit else { return type }
        switch word {
        case "array":
            if let items = tree["items"], let item = self.type(of: items, in: document, depth: depth + 1) {
                type.inner = [item]
            }
        case "struct": type.fields = fields(of: tree, document, depth)
        default: break
        }
        return type
    }

    private mutating func choice(
        _ choices: [SchemaTree],
        _ tree: SchemaTree,
        _ document: SchemaTree,
        _ depth: Int
    ) -> ConnectType? {
        let values = choices.filter { $0["type"]?.text != "null" }
        guard values.count == 1, var type = type(of: values[0], in: document, depth: depth + 1) else {
            return nil
        }
        type.isOptional = type.isOptional || values.count < choices.count
        note(tree, &type)
        return type
    }

    private mutating func fields(of tree: SchemaTree, _ document: SchemaTree, _ depth: Int) -> [ConnectType
        .Field]
    {
        let required = (tree["required"]?.elements ?? []).compactMap(\.text)
        var found: [(order: Int, field: ConnectType.Field)] = []
        for (place, member) in (tree["properties"]?.members ?? []).enumerated() {
            guard var type = type(of: member.value, in: document, depth: depth + 1) else { continue }
            // Optional is what a text does not require, where it requires anything.
            if !required.isEmpty, !required.holds(member.name) { type.isOptional = true }
            let index = member.value["connect.index"]?.integer
            found.append((index ?? Int.max / 2 + place, ConnectType.Field(name: member.name, type: type)))
        }
        return found.enumerated()
            .sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
            .map(\.element.field)
    }

    /// Connect's type, and whether null is one of several.
    private func word(of tree: SchemaTree) -> (String, Bool)? {
        var words = tree["type"]?.elements?.compactMap(\.text) ?? []
        if let word = tree["type"]?.text { words = [word] }
        let isOptional = words.contains("null") && words.count > 1
        words.removeAll { $0 == "null" }
        if let type = tree["connect.type"]?.text {
            switch type {
            case "int8", "int16", "int32", "int64", "bytes", "map": return (type, isOptional)
            case "float32": return ("float", isOptional)
            case "float64": return ("double", isOptional)
            default: break
            }
        }
        if words.isEmpty, tree["properties"] != nil { words = ["object"] }
        if words.isEmpty, tree["enum"] != nil || tree["const"]?.text != nil { words = ["string"] }
        guard words.count == 1 else { return nil }
        switch words[0] {
        case "boolean": return ("boolean", isOptional)
        case "integer": return ("int64", isOptional)
        case "number": return ("double", isOptional)
        case "string": return ("string", isOptional)
        case "array": return ("array", isOptional)
        case "object":
            let isMap = tree["properties"] == nil && tree["additionalProperties"]?.members != nil
            return (isMap ? "map" : "struct", isOptional)
        default: return nil
        }
    }

    private func note(_ tree: SchemaTree, _ type: inout ConnectType) {
        type.name = type.name ?? tree["title"]?.text
        type.version = type.version ?? tree["connect.version"]?.integer
        if type.parameters.isEmpty { type.parameters = ConnectNotes(tree).parameters }
        if type.fallback == nil, let fallback = tree["default"].flatMap(AvroSchema.Fallback.init) {
            type.fallback = fallback == .null ? nil : fallback
        }
    }

    /// What a reference leads to (RFC 6901 after the `#`), and the text that it stands in.
    private func resolve(_ reference: String, _ document: SchemaTree) -> (SchemaTree, SchemaTree)? {
        let hash = reference.utf8.firstIndex(of: UInt8(ascii: "#")) ?? reference.utf8.endIndex
        let name = String(Substring(reference.utf8[..<hash]))
        guard let target = name.isEmpty ? document : others[ExactText(name)] else { return nil }
        var tree = target
        let pointer = String(Substring(reference.utf8[hash...].dropFirst()))
        for part in pointer.parts(at: "/") {
            let key = part.replacingScalars("~1", with: "/").replacingScalars("~0", with: "~")
            if let elements = tree.elements, let index = Int(key), elements.indices.contains(index) {
                tree = elements[index]
            } else if let next = tree[key] {
                tree = next
            } else {
                return nil
            }
        }
        return (tree, target)
    }
}
