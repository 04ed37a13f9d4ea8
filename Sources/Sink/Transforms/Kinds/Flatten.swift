import ChangeEvents

/// `org.apache.kafka.connect.transforms.Flatten`: nested structs as fields of one, their names joined.
struct Flatten: Transform {
    /// Where a field's value comes from: the places of the structs around it, and its own.
    private struct Source: Sendable {
        let path: [Int]
    }

    private struct Plan: Sendable {
        let schema: ConnectSchema
        let sources: [Source]
    }

    private let side: RecordSide
    private let delimiter: String
    private var cache = SchemaCache<Plan>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        delimiter = options.take("delimiter") ?? "."
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard !datum.isNull else { return true }
        guard let (schema, values) = try datum.structure(for: "Flatten") else {
            var members: [(name: String, value: ConnectValue)] = []
            try flatten(try datum.object(for: "Flatten"), "", 0, into: &members)
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        let plan = try cache.value(for: schema, self.plan)
        var fields: [ConnectValue] = []
        // Fields of one struct come one after the other: it is opened once.
        var open: (path: ArraySlice<Int>, values: [ConnectValue])?
        for source in plan.sources {
            let around = source.path.dropLast()
            guard !around.isEmpty else {
                fields.append(values.value(at: source.path[0], of: schema, defaulting: true))
                continue
            }
            if open?.path != around { open = (around, try Self.open(around, values, schema)) }
            let inner = Self.schema(around, schema)
            let place = source.path[source.path.count - 1]
            guard let found = open?.values, !found.isEmpty else {
                fields.append(.null)
                continue
            }
            fields.append(found.value(at: place, of: inner, defaulting: true))
        }
        record[side] = ConnectDatum(plan.schema, .structure(fields))
        return true
    }

    private static func schema(_ path: ArraySlice<Int>, _ schema: ConnectSchema) -> ConnectSchema {
        path.reduce(schema) { $0.fields[$1].schema }
    }

    /// The values of a struct in structs; none where one of them is null.
    private static func open(
        _ path: ArraySlice<Int>,
        _ values: [ConnectValue],
        _ schema: ConnectSchema
    ) throws(DecodeError) -> [ConnectValue] {
        var (values, schema) = (values, schema)
        for place in path {
            let value = values[place]
            guard !value.isNull else { return [] }
            schema = schema.fields[place].schema
            values = try value.fields(of: schema)
        }
        return values
    }

    private func plan(_ schema: ConnectSchema) throws(DecodeError) -> Plan {
        var fields: [ConnectSchema.Field] = []
        var sources: [Source] = []
        try collect(schema, "", [], isOptional: schema.isOptional, &fields, &sources)
        return Plan(schema: try schema.with(fields: fields), sources: sources)
    }

    private func collect(
        _ schema: ConnectSchema,
        _ prefix: String,
        _ path: [Int],
        isOptional: Bool,
        _ fields: inout [ConnectSchema.Field],
        _ sources: inout [Source]
    ) throws(DecodeError) {
        for (place, field) in schema.fields.enumerated() {
            let name = prefix.isEmpty ? field.name : prefix + delimiter + field.name
            let isFieldOptional = isOptional || field.schema.isOptional
            switch field.schema.kind {
            case .structure:
                try collect(
                    field.schema,
                    name,
                    path + [place],
                    isOptional: isFieldOptional,
                    &fields,
                    &sources
                )
            case .map:
                throw DecodeError(
                    "Flatten does not take maps, and field \(name) is one; leave it out before",
                    at: 0
                )
            default:
                let copy = try ConnectSchema(
                    field.schema.kind,
                    isOptional: isFieldOptional,
                    metadata: field.schema.metadata,
                    items: field.schema.items,
                    keys: field.schema.keys
                )
                fields.append(ConnectSchema.Field(name: name, schema: copy))
                sources.append(Source(path: path + [place]))
            }
        }
    }

    private func flatten(
        _ members: [(name: String, value: ConnectValue)],
        _ prefix: String,
        _ depth: Int,
        into target: inout [(name: String, value: ConnectValue)]
    ) throws(DecodeError) {
        for (name, value) in members {
            let whole = prefix.isEmpty ? name : prefix + delimiter + name
            let opened = try value.opened(nil)
            if case .object(let inner) = opened {
                try flatten(inner, whole, depth + 1, into: &target)
            } else {
                target.put(whole, opened)
            }
        }
    }
}
