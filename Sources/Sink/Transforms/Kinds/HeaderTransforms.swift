import ChangeEvents

/// `org.apache.kafka.connect.transforms.DropHeaders`.
struct DropHeaders: Transform {
    private let names: Set<ExactText>

    init?(_ options: inout TransformOptions) {
        guard let names = options.requiredList("headers", hint: "the headers to leave out") else {
            return nil
        }
        self.names = Set(names.map { ExactText($0) })
    }

    func apply(_ record: inout ConnectRecord) -> Bool {
        record.headers.removeAll { names.contains(ExactText($0.name)) }
        return true
    }
}

/// `org.apache.kafka.connect.transforms.InsertHeader`: a header with a fixed value.
struct InsertHeader: Transform {
    private let header: String
    private let literal: String

    init?(_ options: inout TransformOptions) {
        let header = options.required("header", hint: "what the header is called")
        let literal = options.required("value.literal", hint: "the header's value", allowingEmpty: true)
        guard let header, let literal else { return nil }
        (self.header, self.literal) = (header, literal)
    }

    func apply(_ record: inout ConnectRecord) -> Bool {
        record.headers.append(ConnectHeader(name: header, content: .bytes(Array(literal.utf8))))
        return true
    }
}

/// `org.apache.kafka.connect.transforms.HeaderFrom`: fields as headers.
struct HeaderFrom: Transform {
    private let side: RecordSide
    private let fields: [String]
    private let headers: [String]
    private let isMove: Bool
    private let replacesNull: Bool
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        let fields = options.requiredList("fields", hint: "the fields to take")
        let headers = options.requiredList(
            "headers",
            hint: "what the headers are called, in the order of fields"
        )
        let operation = options.choice("operation", ["move", "copy"])
        replacesNull = options.flag("replace.null.with.default", default: true)
        guard let fields, let headers, let operation else { return nil }
        guard fields.count == headers.count else {
            options.add("headers", "must be as many as fields")
            return nil
        }
        (self.fields, self.headers, isMove) = (fields, headers, operation == "move")
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard let schema = datum.schema else {
            var members = try datum.object(for: "HeaderFrom")
            for (field, header) in zip(fields, headers) {
                let value = ConnectDatum(nil, members[field] ?? .null)
                if isMove { members.removeAll { $0.name.isSame(as: field) } }
                record.headers.append(ConnectHeader(name: header, content: .datum(value)))
            }
            if isMove { record[side] = ConnectDatum(nil, .object(members)) }
            return true
        }
        guard let (_, values) = try datum.structure(for: "HeaderFrom") else { return true }
        for (field, header) in zip(fields, headers) {
            guard let place = schema.place(of: field) else {
                throw DecodeError("there is no field \(field)", at: 0)
            }
            let value = values.value(at: place, of: schema, defaulting: replacesNull)
            let datum = ConnectDatum(schema.fields[place].schema, value)
            record.headers.append(ConnectHeader(name: header, content: .datum(datum)))
        }
        guard isMove else { return true }
        let updated = try cache.value(for: schema) { schema throws(DecodeError) in
            try schema.with(fields: schema.fields.filter { !fields.holds($0.name) })
        }
        var kept: [ConnectValue] = []
        for (place, field) in schema.fields.enumerated() where !fields.holds(field.name) {
            kept.append(values.value(at: place, of: schema, defaulting: replacesNull))
        }
        record[side] = ConnectDatum(updated, .structure(kept))
        return true
    }
}

/// `org.apache.kafka.connect.transforms.SetSchemaMetadata`: another name or version for a schema.
struct SetSchemaMetadata: Transform {
    private let side: RecordSide
    private let name: String?
    private let version: Int64?
    private let replacesNull: Bool
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        name = options.take("schema.name")
        replacesNull = options.flag("replace.null.with.default", default: true)
        let text = options.take("schema.version")?.trimmed
        version = text.flatMap { Int32($0) }.map { Int64($0) }
        if let text, version == nil {
            options.add("schema.version", "must be a number", value: text)
            return nil
        }
        guard name != nil || version != nil else {
            options.add("schema.name", "is missing, and so is schema.version")
            return nil
        }
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard let schema = datum.schema else {
            // Only a tombstone has neither.
            guard datum.isNull else {
                throw DecodeError("SetSchemaMetadata needs a schema", at: 0)
            }
            return true
        }
        guard schema.kind == .structure else {
            throw DecodeError("SetSchemaMetadata needs a struct, and there is \(schema.kind.rawValue)", at: 0)
        }
        let updated = try cache.value(for: schema) { schema throws(DecodeError) in
            var metadata = schema.metadata
            if let name { metadata.name = name }
            if let version { metadata.version = version }
            return try ConnectSchema(
                schema.kind,
                isOptional: schema.isOptional,
                metadata: metadata,
                fields: schema.fields,
                items: schema.items,
                keys: schema.keys
            )
        }
        record[side].schema = updated
        guard !datum.isNull, replacesNull else { return true }
        let values = try datum.value.fields(of: schema)
        guard
            values.indices.contains(where: { values[$0].isNull && schema.fields[$0].schema.fallback != nil })
        else {
            return true
        }
        record[side].value = .structure(
            values.indices.map { values.value(at: $0, of: schema, defaulting: true) }
        )
        return true
    }
}

/// `org.apache.kafka.connect.transforms.TimestampRouter`: the record's time in its topic.
struct TimestampRouter: Transform {
    private let topicFormat: String
    private let format: JavaDateFormat

    init?(_ options: inout TransformOptions) {
        topicFormat = options.take("topic.format") ?? "${topic}-${timestamp}"
        let pattern = options.take("timestamp.format") ?? "yyyyMMdd"
        do throws(JavaDateFormat.Failure) {
            format = try JavaDateFormat(pattern)
        } catch {
            options.add(
                "timestamp.format",
                "is no date format that this version takes: \(error.reason)",
                value: pattern
            )
            return nil
        }
    }

    func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        guard let timestamp = record.timestamp else {
            throw DecodeError("the record has no timestamp", at: 0)
        }
        record.topic =
            topicFormat.replacingScalars("${topic}", with: record.topic)
            .replacingScalars("${timestamp}", with: format.format(timestamp))
        return true
    }

    func topic(for topic: String) -> String? { nil }
}
