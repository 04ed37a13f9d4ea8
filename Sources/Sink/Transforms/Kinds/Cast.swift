import ChangeEvents

/// `org.apache.kafka.connect.transforms.Cast`: fields, or the whole, as another type.
struct Cast: Transform {
    private static let kinds: [(word: String, kind: ConnectSchema.Kind)] = [
        ("int8", .int8), ("int16", .int16), ("int32", .int32), ("int64", .int64), ("float32", .float),
        ("float64", .double), ("boolean", .boolean), ("string", .string),
    ]

    private let side: RecordSide
    private let casts: [ExactText: ConnectSchema.Kind]
    /// The fields in the order of the file.
    private let names: [String]
    private let whole: ConnectSchema.Kind?
    private let replacesNull: Bool
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        replacesNull = options.flag("replace.null.with.default", default: true)
        guard let spec = options.requiredList("spec", hint: "field:type, or one type for the whole") else {
            return nil
        }
        var casts: [ExactText: ConnectSchema.Kind] = [:]
        var names: [String] = []
        var whole: ConnectSchema.Kind?
        for part in spec {
            let pair = part.javaParts(at: ":")
            guard pair.count <= 2, let kind = Self.kind(pair[pair.count - 1].trimmed) else {
                let words = Self.kinds.map(\.word).joined(separator: ", ")
                options.add("spec", "must be field:type, the type one of \(words)", value: part)
                return nil
            }
            if pair.count == 1 {
                whole = kind
            } else {
                casts[ExactText(pair[0].trimmed)] = kind
                names.append(pair[0].trimmed)
            }
        }
        guard whole == nil || spec.count == 1 else {
            options.add("spec", "has a type for the whole beside others")
            return nil
        }
        (self.casts, self.names, self.whole) = (casts, names, whole)
    }

    private static func kind(_ word: String) -> ConnectSchema.Kind? {
        kinds.first { $0.word == word.lowercasedASCII }?.kind
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard !datum.isNull else { return true }
        if let whole {
            let value = try CastValue.cast(datum.value, datum.schema, to: whole)
            guard let schema = datum.schema else {
                record[side] = ConnectDatum(nil, value)
                return true
            }
            let updated = try cache.value(for: schema) { schema throws(DecodeError) in
                try Self.schema(whole, like: schema, keepsName: true)
            }
            record[side] = ConnectDatum(updated, value)
            return true
        }
        guard let (schema, values) = try datum.structure(for: "Cast") else {
            var members = try datum.object(for: "Cast")
            for name in names {
                guard let kind = casts[ExactText(name)] else { continue }
                members.put(name, try CastValue.cast(members[name] ?? .null, nil, to: kind))
            }
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        let updated = try cache.value(for: schema, self.updated)
        var fields = values
        for (place, field) in schema.fields.enumerated() {
            let value = values.value(at: place, of: schema, defaulting: replacesNull)
            fields[place] = value
            guard let kind = casts[ExactText(field.name)] else { continue }
            do throws(DecodeError) {
                fields[place] = try CastValue.cast(value, field.schema, to: kind)
            } catch {
                throw DecodeError("field \(field.name): \(error.reason)", at: error.byteOffset)
            }
        }
        record[side] = ConnectDatum(updated, .structure(fields))
        return true
    }

    private func updated(_ schema: ConnectSchema) throws(DecodeError) -> ConnectSchema {
        var fields: [ConnectSchema.Field] = []
        for field in schema.fields {
            guard let kind = casts[ExactText(field.name)] else {
                fields.append(field)
                continue
            }
            let cast = try Self.schema(kind, like: field.schema, keepsName: false)
            fields.append(ConnectSchema.Field(name: field.name, schema: cast))
        }
        return try ConnectSchema(
            .structure,
            isOptional: schema.isOptional,
            metadata: schema.metadata.basics,
            fields: fields
        )
    }

    /// The schema of a cast value: optional and default are kept, what the type stood for is not, but for the whole.
    private static func schema(
        _ kind: ConnectSchema.Kind,
        like schema: ConnectSchema,
        keepsName: Bool
    ) throws(DecodeError) -> ConnectSchema {
        var metadata = keepsName ? schema.metadata.basics : ConnectSchema.Metadata()
        if let fallback = schema.fallback {
            var text: [UInt8] = []
            try CastValue.cast(fallback, schema, to: kind).append(to: &text, nil)
            metadata.fallback = text
        }
        return try ConnectSchema(kind, isOptional: schema.isOptional, metadata: metadata)
    }
}
