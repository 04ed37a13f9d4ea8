extension AvroSchema {
    /// The Connect schema of a node, as Confluent's AvroData derives it, and for the logical types that it passes over
    /// as Debezium names them; `nil` where no Connect type says what the values are.
    ///
    /// - Parameter budget: how many types may still be written; a type that contains itself has no end.
    func connectType(
        _ index: Int,
        fallback: Fallback? = nil,
        depth: Int = 0,
        budget: inout Int
    ) -> ConnectType? {
        let node = nodes[index]
        budget -= 1
        if case .union(let branches) = node.kind {
            return union(branches, fallback, depth, &budget)
        }
        var type = ConnectType(word(of: node))
        type.name = node.notes.name
        type.version = node.notes.version
        type.parameters = node.notes.parameters
        type.fallback = node.notes.fallback ?? fallback
        let isCut = depth >= Self.typeDepthLimit || budget <= 0
        switch node.kind {
        case .null: type.isOptional = true
        case .array(let item) where !isCut:
            if let entry = mapEntry(item) {
                type.type = "map"
                let key = connectType(entry.key, depth: depth + 1, budget: &budget)
                let value = connectType(entry.value, depth: depth + 1, budget: &budget)
                if let key, let value { type.inner = [key, value] }
            } else if let items = connectType(item, depth: depth + 1, budget: &budget) {
                type.inner = [items]
            }
        case .map(let value) where !isCut:
            if let values = connectType(value, depth: depth + 1, budget: &budget) {
                type.inner = [ConnectType("string"), values]
            }
        case .record(let fields):
            type.name = type.name ?? node.name
            if !isCut { type.fields = connectFields(fields, depth, &budget) }
        default: addSemantic(of: node, to: &type)
        }
        return type
    }

    /// Levels of a schema that the sink reads.
    private static let typeDepthLimit = 14

    func connectFields(_ fields: [Field], _ depth: Int, _ budget: inout Int) -> [ConnectType.Field] {
        var types: [ConnectType.Field] = []
        for field in fields {
            guard budget > 0,
                let type = connectType(
                    field.node,
                    fallback: field.fallback,
                    depth: depth + 1,
                    budget: &budget
                )
            else { continue }
            types.append(ConnectType.Field(name: field.name, type: type))
        }
        return types
    }

    private func union(
        _ branches: [Int],
        _ fallback: Fallback?,
        _ depth: Int,
        _ budget: inout Int
    ) -> ConnectType? {
        let values = branches.filter { nodes[$0].kind != .null }
        let isOptional = values.count < branches.count
        guard let first = values.first else {
            var type = ConnectType("string")
            type.isOptional = true
            return type
        }
        // A default is the first branch's.
        let own = fallback == .null ? nil : fallback
        if values.count == 1 {
            guard depth < 2 * Self.typeDepthLimit else { return nil }
            var type = connectType(first, fallback: own, depth: depth, budget: &budget)
            if isOptional { type?.isOptional = true }
            return type
        }
        // A value of several types is written as itself; what they have in common says how it is read.
        let words = values.map { word(of: nodes[$0]) }
        let hasSemantic = values.contains { semantic(of: nodes[$0]) != nil || nodes[$0].notes.name != nil }
        guard let common = Self.common(words), !hasSemantic || common == "struct" else { return nil }
        var type = ConnectType(common)
        type.isOptional = isOptional
        return type
    }

    private static func common(_ words: [String]) -> String? {
        let kinds = Set(words)
        if kinds.count == 1 { return words[0] == "array" ? nil : words[0] }
        if kinds.isSubset(of: ["int8", "int16", "int32", "int64"]) { return "int64" }
        if kinds.isSubset(of: ["float", "double"]) { return "double" }
        return kinds.isSubset(of: ["struct", "map"]) ? "struct" : nil
    }

    private func word(of node: Node) -> String {
        switch node.kind {
        case .null, .string, .enumeration: return "string"
        case .boolean: return "boolean"
        case .int:
            return node.notes.type == "int8" || node.notes.type == "int16" ? node.notes.type ?? "" : "int32"
        case .long: return "int64"
        case .float: return "float"
        case .double: return "double"
        case .bytes: return "bytes"
        case .fixed: return isUUID(node) ? "string" : "bytes"
        case .array(let item): return mapEntry(item) == nil ? "array" : "map"
        case .map: return "map"
        case .record, .union: return "struct"
        }
    }

    func isUUID(_ node: Node) -> Bool {
        node.kind == .fixed(16) && node.logicalType == "uuid" && node.notes.name == nil
    }

    private func addSemantic(of node: Node, to type: inout ConnectType) {
        guard let semantic = semantic(of: node) else { return }
        if type.name == nil {
            type.name = semantic
            type.version = 1
        }
        guard type.name == Self.decimal else { return }
        if !type.parameters.contains(where: { $0.name == "scale" }) {
            type.parameters.append(ConnectNotes.Parameter(name: "scale", value: "\(node.scale ?? 0)"))
        }
        // 64 is what Connect's converters write where they know of no precision.
        if let precision = node.precision, precision != 64,
            !type.parameters.contains(where: { $0.name == "connect.decimal.precision" })
        {
            type.parameters.append(
                ConnectNotes.Parameter(name: "connect.decimal.precision", value: "\(precision)")
            )
        }
    }

    private static let decimal = "org.apache.kafka.connect.data.Decimal"

    private func semantic(of node: Node) -> String? {
        guard let logical = node.logicalType else { return nil }
        switch (node.kind, logical) {
        case (.bytes, "decimal"), (.fixed, "decimal"): return Self.decimal
        case (.int, "date"): return "org.apache.kafka.connect.data.Date"
        case (.int, "time-millis"): return "org.apache.kafka.connect.data.Time"
        case (.long, "time-micros"): return "io.debezium.time.MicroTime"
        case (.long, "timestamp-millis"), (.long, "local-timestamp-millis"):
            return "org.apache.kafka.connect.data.Timestamp"
        case (.long, "timestamp-micros"), (.long, "local-timestamp-micros"):
            return "io.debezium.time.MicroTimestamp"
        case (.long, "timestamp-nanos"), (.long, "local-timestamp-nanos"):
            return "io.debezium.time.NanoTimestamp"
        case (.string, "uuid"): return "io.debezium.data.Uuid"
        case (.fixed, "uuid"): return isUUID(node) ? "io.debezium.data.Uuid" : nil
        default: return nil
        }
    }

    /// The nodes of key and value where an array's items are the entries of a Connect map, whose keys are no texts.
    func mapEntry(_ item: Int) -> (key: Int, value: Int)? {
        let node = nodes[item]
        guard case .record(let fields) = node.kind, fields.count == 2, fields[0].name == "key",
            fields[1].name == "value",
            node.name == "io.confluent.connect.avro.MapEntry" || node.notes.internalType == "MapEntry"
        else { return nil }
        return (fields[0].node, fields[1].node)
    }
}
