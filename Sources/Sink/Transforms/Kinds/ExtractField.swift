import ChangeEvents

/// `org.apache.kafka.connect.transforms.ExtractField`: one field in the place of the whole.
struct ExtractField: Transform {
    private let side: RecordSide
    private let path: [String]
    private let text: String
    private let replacesNull: Bool

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        let version = options.choice("field.syntax.version", ["V1", "V2"], default: "V1")
        replacesNull = options.flag("replace.null.with.default", default: true)
        guard let text = options.required("field", hint: "the field to take"), let version else { return nil }
        guard let path = version == "V1" ? [text] : Self.path(text) else {
            options.add("field", "has a backtick without another", value: text)
            return nil
        }
        (self.text, self.path) = (text, path)
    }

    /// The steps of a path: separated by dots, in backticks where a name has dots itself (KIP-821).
    static func path(_ text: String) -> [String]? {
        var steps: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            var step = String.UnicodeScalarView()
            if rest.first == "`" {
                rest.removeFirst()
                while true {
                    guard let end = rest.firstIndex(of: "`") else { return nil }
                    let after = rest.index(after: end)
                    if end > rest.startIndex, rest[rest.index(before: end)] == "\\" {
                        step.append(contentsOf: rest[..<rest.index(before: end)])
                        step.append("`")
                        rest = rest[after...]
                        continue
                    }
                    step.append(contentsOf: rest[..<end])
                    guard after == rest.endIndex || rest[after] == "." else {
                        step.append("`")
                        rest = rest[after...]
                        continue
                    }
                    rest = rest[after...]
                    break
                }
            } else {
                let end = rest.firstIndex(of: ".") ?? rest.endIndex
                step.append(contentsOf: rest[..<end])
                rest = rest[end...]
            }
            steps.append(String(step))
            guard rest.first == "." else { return steps }
            rest.removeFirst()
        }
    }

    func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard var schema = datum.schema else {
            var value = datum.value
            for step in path where !value.isNull { value = try member(step, of: value) }
            record[side] = ConnectDatum(nil, value)
            return true
        }
        var value = datum.value
        for (index, step) in path.enumerated() {
            guard schema.kind == .structure, let place = schema.place(of: step) else {
                throw DecodeError("there is no field \(text)", at: 0)
            }
            if !value.isNull {
                let isLast = index == path.count - 1
                value = try value.fields(of: schema).value(
                    at: place,
                    of: schema,
                    defaulting: replacesNull && isLast
                )
            }
            schema = schema.fields[place].schema
        }
        record[side] = ConnectDatum(schema, value)
        return true
    }

    private func member(_ name: String, of value: ConnectValue) throws(DecodeError) -> ConnectValue {
        let members = try ConnectDatum(nil, value).object(for: "ExtractField")
        return members[name] ?? .null
    }
}

/// `org.apache.kafka.connect.transforms.HoistField`: the whole as the only field of a struct.
struct HoistField: Transform {
    private let side: RecordSide
    private let field: String
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        guard let field = options.required("field", hint: "what the field is called") else { return nil }
        self.field = field
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard let schema = datum.schema else {
            record[side] = ConnectDatum(nil, .object([(field, datum.value)]))
            return true
        }
        let updated = try cache.value(for: schema) { schema throws(DecodeError) in
            try ConnectSchema(.structure, fields: [ConnectSchema.Field(name: field, schema: schema)])
        }
        record[side] = ConnectDatum(updated, .structure([datum.value]))
        return true
    }
}

/// `org.apache.kafka.connect.transforms.ValueToKey`: a key of some of the value's fields.
struct ValueToKey: Transform {
    private struct Plan: Sendable {
        let schema: ConnectSchema
        let places: [Int]
    }

    private let fields: [String]
    private let replacesNull: Bool
    private var cache = SchemaCache<Plan>()

    init?(_ options: inout TransformOptions) {
        replacesNull = options.flag("replace.null.with.default", default: true)
        guard let fields = options.requiredList("fields", hint: "the value's fields that make the key") else {
            return nil
        }
        self.fields = fields
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        guard let (schema, values) = try record.value.structure(for: "ValueToKey") else {
            let members = try record.value.object(for: "ValueToKey")
            var key: [(name: String, value: ConnectValue)] = []
            for field in fields { key.put(field, members[field] ?? .null) }
            record.key = ConnectDatum(nil, .object(key))
            return true
        }
        let plan = try cache.value(for: schema) { schema throws(DecodeError) in
            var places: [Int] = []
            for field in fields {
                guard let place = schema.place(of: field) else {
                    throw DecodeError("the value has no field \(field)", at: 0)
                }
                places.append(place)
            }
            let key = try ConnectSchema(.structure, fields: places.map { schema.fields[$0] })
            return Plan(schema: key, places: places)
        }
        let key = plan.places.map { values.value(at: $0, of: schema, defaulting: replacesNull) }
        record.key = ConnectDatum(plan.schema, .structure(key))
        return true
    }
}
