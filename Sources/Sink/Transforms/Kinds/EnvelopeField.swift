import ChangeEvents

/// A field of a change event that `add.fields` or `add.headers` names: `op`, `table`, `source.lsn`, `transaction.id:tx`.
struct EnvelopeField: Sendable {
    /// The struct that the field is looked for in; `nil` for the event itself.
    private let parent: String?
    let field: String
    /// What it is called in the row or among the headers.
    let target: String

    /// - Throws: `JavaPattern.Failure` for a text with more than one colon.
    init(_ text: String, prefix: String) throws(JavaPattern.Failure) {
        let parts = text.javaParts(at: ":")
        let path = parts[0].javaParts(at: ".")
        guard parts.count <= 2, !path[0].isEmpty else {
            throw JavaPattern.Failure(reason: "a field is written source.lsn or source.lsn:name")
        }
        field = path.count == 1 ? path[0] : path[1]
        parent = path.count == 1 ? Self.parent(of: path[0]) : path[0]
        if parts.count == 2 {
            target = prefix + parts[1]
        } else {
            target = prefix + (path.count == 1 ? field : "\(path[0])_\(field)")
        }
    }

    private static func parent(of field: String) -> String? {
        switch field {
        case "id", "data_collection_order", "total_order": return "transaction"
        case "op", "ts_ms", "ts_us", "ts_ns": return nil
        case "updateDescription": return "updateDescription"
        default: return "source"
        }
    }

    /// Where the field lies in events of one schema.
    struct Place: Sendable {
        fileprivate let parent: Int?
        fileprivate let parentSchema: ConnectSchema
        fileprivate let field: Int?
        /// The field of the event itself, where the parent has none of this name.
        fileprivate let ownField: Int?
        let schema: ConnectSchema
    }

    /// - Returns: `nil` for a field that the events do not have; Debezium leaves it out then.
    func place(in event: ConnectSchema) throws(DecodeError) -> Place? {
        var (place, parentSchema): (Int?, ConnectSchema) = (nil, event)
        if let parent {
            guard let found = event.place(of: parent) else {
                throw DecodeError("the event has no field \(parent)", at: 0)
            }
            (place, parentSchema) = (found, event.fields[found].schema)
        }
        let own = event.place(of: field)
        let inner = parentSchema.place(of: field)
        guard
            let schema = inner.map({ parentSchema.fields[$0].schema }) ?? own.map({ event.fields[$0].schema })
        else { return nil }
        let copy = try ConnectSchema(
            schema.kind,
            isOptional: true,
            metadata: schema.metadata.basics,
            fields: schema.fields,
            items: schema.items,
            keys: schema.keys
        )
        return Place(parent: place, parentSchema: parentSchema, field: inner, ownField: own, schema: copy)
    }
}

extension EnvelopeField.Place {
    func value(in event: [ConnectValue]) throws(DecodeError) -> ConnectValue {
        guard let parent else { return field.map { event[$0] } ?? .null }
        guard !event[parent].isNull else { return .null }
        if let field { return try event[parent].fields(of: parentSchema)[field] }
        return ownField.map { event[$0] } ?? .null
    }
}
