import ChangeEvents

/// `io.debezium.transforms.ByLogicalTableRouter`: the shards of a table as one, with the shard in the key.
struct ByLogicalTableRouter: Transform {
    private struct Value: Sendable {
        let topic: String
        let schema: ConnectSchema
    }

    private let pattern: JavaPattern
    private let replacement: JavaReplacement
    private let isKeyExtended: Bool
    private let keyField: String
    private let keyPattern: JavaPattern?
    private let keyReplacement: JavaReplacement?
    private var keys = SchemaCache<ConnectSchema>()
    private var values = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions) {
        let regex = options.required("topic.regex", hint: "an expression that the topic's whole name matches")
        let text = options.required(
            "topic.replacement",
            hint: "the logical table's topic, with $1 for a group"
        )
        isKeyExtended = options.flag("key.enforce.uniqueness", default: true)
        keyField = options.take("key.field.name") ?? "__dbz__physicalTableIdentifier"
        let (keyRegex, keyText) = (
            options.take("key.field.regex")?.trimmed ?? "", options.take("key.field.replacement") ?? ""
        )
        _ = options.take("logical.table.cache.size")
        // Names of schemas change nothing in a sink.
        _ = options.take("schema.name.adjustment.mode")
        var (keyPattern, keyReplacement): (JavaPattern?, JavaReplacement?) = (nil, nil)
        if !keyRegex.isEmpty {
            if keyText.trimmed.isEmpty {
                options.add("key.field.replacement", "is missing: key.field.regex needs it")
            }
            keyPattern = options.pattern("key.field.regex", keyRegex)
            keyReplacement = keyPattern.flatMap {
                options.replacement("key.field.replacement", keyText, for: $0)
            }
        }
        guard let regex, let text, let pattern = options.pattern("topic.regex", regex),
            let replacement = options.replacement("topic.replacement", text, for: pattern)
        else { return nil }
        (self.pattern, self.replacement) = (pattern, replacement)
        (self.keyPattern, self.keyReplacement) = (keyPattern, keyReplacement)
    }

    func topic(for topic: String) -> String? {
        guard let target = try? Self.replaced(topic, pattern, replacement) else { return topic }
        return target.isEmpty ? topic : target
    }

    /// - Returns: `nil` where the expression does not match.
    private static func replaced(
        _ topic: String,
        _ pattern: JavaPattern,
        _ replacement: JavaReplacement
    ) throws(DecodeError) -> String? {
        guard try pattern.decides(topic) else { return nil }
        do throws(JavaPattern.Exhausted) {
            return try replacement.replacingFirst(pattern, in: topic)
        } catch {
            throw pattern.exhaustion
        }
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let old = record.topic
        guard let topic = try Self.replaced(old, pattern, replacement), !topic.isEmpty else { return true }
        record.topic = topic
        if !record.key.isNull { try extendKey(&record, old) }
        guard !record.value.isNull, let schema = record.value.schema, schema.kind == .structure,
            let name = schema.name, name.ends(with: ".Envelope")
        else { return true }
        record.value.schema = try values.value(for: schema) { schema throws(DecodeError) in
            try Self.envelope(schema, topic)
        }
        return true
    }

    private mutating func extendKey(_ record: inout ConnectRecord, _ topic: String) throws(DecodeError) {
        guard let (schema, fields) = try record.key.structure(for: "ByLogicalTableRouter") else {
            throw DecodeError("ByLogicalTableRouter needs a key with a schema", at: 0)
        }
        let target = record.topic
        let updated = try keys.value(for: schema) { schema throws(DecodeError) in
            var all = schema.fields
            if isKeyExtended { all.append(ConnectSchema.Field(name: keyField, schema: .simple(.string))) }
            return try Self.renamed(schema, "\(target).Key", all)
        }
        var key = fields.indices.map { fields.value(at: $0, of: schema, defaulting: true) }
        if isKeyExtended {
            var identifier = topic
            if let keyPattern, let keyReplacement {
                identifier = try Self.replaced(topic, keyPattern, keyReplacement) ?? topic
            }
            key.append(.text(identifier))
        }
        record.key = ConnectDatum(updated, .structure(key))
    }

    private static func renamed(
        _ schema: ConnectSchema,
        _ name: String,
        _ fields: [ConnectSchema.Field]
    ) throws(DecodeError) -> ConnectSchema {
        var metadata = schema.metadata.basics
        metadata.name = name
        return try ConnectSchema(
            .structure,
            isOptional: schema.isOptional,
            metadata: metadata,
            fields: fields
        )
    }

    private static func envelope(_ schema: ConnectSchema, _ topic: String) throws(DecodeError)
        -> ConnectSchema
    {
        guard let before = schema.place(of: "before") else {
            throw DecodeError("the event has no field before", at: 0)
        }
        let old = schema.fields[before].schema
        let row = try renamed(old, "\(topic).Value", old.fields)
        let fields = schema.fields.map { field in
            field.name.isSame(as: "before") || field.name.isSame(as: "after")
                ? ConnectSchema.Field(name: field.name, schema: row) : field
        }
        return try renamed(schema, "\(topic).Envelope", fields)
    }
}
