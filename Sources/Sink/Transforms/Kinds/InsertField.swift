import ChangeEvents

/// `org.apache.kafka.connect.transforms.InsertField`: adds what Kafka knows of the record, or a fixed text.
struct InsertField: Transform {
    private enum Content: Sendable { case topic, partition, offset, timestamp, text(String) }

    private struct Insertion: Sendable {
        let name: String
        let isOptional: Bool
        let content: Content
    }

    private let side: RecordSide
    private let insertions: [Insertion]
    private let replacesNull: Bool
    private var cache = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        var insertions: [Insertion] = []
        func add(_ text: String?, _ content: Content) {
            guard let text, !text.trimmed.isEmpty else { return }
            // The sign after the name says whether the field is optional; without one it is.
            let isMarked = text.ends(with: "?") || text.ends(with: "!")
            let name = isMarked ? String(text.unicodeScalars.dropLast()) : text
            insertions.append(Insertion(name: name, isOptional: !text.ends(with: "!"), content: content))
        }
        add(options.take("topic.field"), .topic)
        add(options.take("partition.field"), .partition)
        add(options.take("offset.field"), .offset)
        add(options.take("timestamp.field"), .timestamp)
        let (field, value) = (options.take("static.field"), options.take("static.value"))
        if let field, !field.trimmed.isEmpty {
            guard let value else {
                options.add("static.value", "is missing: the text for static.field")
                return nil
            }
            add(field, .text(value))
        }
        replacesNull = options.flag("replace.null.with.default", default: true)
        self.insertions = insertions
        guard !insertions.isEmpty else {
            options.add(
                "topic.field",
                "is missing, and so are partition.field, offset.field, timestamp.field and static.field"
            )
            return nil
        }
    }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard !datum.isNull else { return true }
        guard let (schema, values) = try datum.structure(for: "InsertField") else {
            var members = try datum.object(for: "InsertField")
            for insertion in insertions { members.put(insertion.name, value(insertion, record)) }
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        let updated = try cache.value(for: schema) { schema throws(DecodeError) in
            let added = insertions.map { ConnectSchema.Field(name: $0.name, schema: Self.schema($0)) }
            return try schema.with(fields: schema.fields + added)
        }
        var fields = values
        if replacesNull {
            for place in fields.indices {
                fields[place] = values.value(at: place, of: schema, defaulting: true)
            }
        }
        for insertion in insertions {
            let value = value(insertion, record)
            guard insertion.isOptional || !value.isNull else {
                throw DecodeError("the record has nothing for the required field \(insertion.name)", at: 0)
            }
            fields.append(value)
        }
        record[side] = ConnectDatum(updated, .structure(fields))
        return true
    }

    private func value(_ insertion: Insertion, _ record: ConnectRecord) -> ConnectValue {
        switch insertion.content {
        case .topic: return .text(record.topic)
        case .partition: return .integer(Int64(record.partition))
        case .offset: return .integer(record.offset)
        case .timestamp: return record.timestamp.map { .integer($0) } ?? .null
        case .text(let text): return .text(text)
        }
    }

    private static func schema(_ insertion: Insertion) -> ConnectSchema {
        switch insertion.content {
        case .topic, .text: return .simple(.string, isOptional: insertion.isOptional)
        case .partition: return .simple(.int32, isOptional: insertion.isOptional)
        case .offset: return .simple(.int64, isOptional: insertion.isOptional)
        case .timestamp:
            return .simple(.int64, isOptional: insertion.isOptional, named: LogicalType.timestamp.rawValue)
        }
    }
}

/// Connect's own logical types, by their schemas' names.
enum LogicalType: String, Sendable {
    case decimal = "org.apache.kafka.connect.data.Decimal"
    case date = "org.apache.kafka.connect.data.Date"
    case time = "org.apache.kafka.connect.data.Time"
    case timestamp = "org.apache.kafka.connect.data.Timestamp"

    init?(_ schema: ConnectSchema?) {
        guard let name = schema?.name, let type = LogicalType(rawValue: name) else { return nil }
        self = type
    }
}
