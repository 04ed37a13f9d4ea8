import ChangeEvents

/// `io.debezium.transforms.ExtractNewRecordState`: the row of a change event in the event's place.
struct ExtractNewRecordState: Transform {
    private let deletes: DeleteHandling
    private let addedFields: [EnvelopeField]
    private let addedHeaders: [EnvelopeField]
    private let routeField: String?
    private let dropping: FieldDropping?
    private let replacesNull: Bool
    /// By the event's schema, for rows after a change and for those of deletes.
    private var plans = SchemaCache<Plan>()
    private var deletePlans = SchemaCache<Plan>()
    private var events = SchemaCache<Event>()

    /// What becomes of deletes and of the tombstones that follow them.
    struct DeleteHandling: Hashable, Sendable {
        enum Row: Sendable { case dropped, tombstone, rewritten }

        let row: Row
        let keepsTombstones: Bool
    }

    /// Where the parts of events of one schema lie.
    private struct Event: Sendable {
        let after: Int
        let before: Int
        let headers: [(name: String, place: EnvelopeField.Place)]
    }

    /// What becomes of rows of one schema.
    private struct Plan: Sendable {
        let source: ConnectSchema
        let schema: ConnectSchema
        let added: [EnvelopeField.Place]
    }

    init?(_ options: inout TransformOptions) {
        let handling = DeleteHandling(&options)
        replacesNull = options.flag("replace.null.with.default", default: true)
        let prefixes = (options.take("add.fields.prefix") ?? "__", options.take("add.headers.prefix") ?? "__")
        addedFields = Self.fields("add.fields", prefixes.0, &options)
        addedHeaders = Self.fields("add.headers", prefixes.1, &options)
        let route = options.take("route.by.field")?.trimmed ?? ""
        routeField = route.isEmpty ? nil : route
        dropping = FieldDropping(&options)
        guard let handling else { return nil }
        deletes = handling
    }

    private static func fields(
        _ option: String,
        _ prefix: String,
        _ options: inout TransformOptions
    ) -> [EnvelopeField] {
        var fields: [EnvelopeField] = []
        for text in options.list(option) {
            do throws(JavaPattern.Failure) {
                fields.append(try EnvelopeField(text, prefix: prefix))
            } catch {
                options.add(option, error.reason, value: text)
            }
        }
        return fields
    }

    func topic(for topic: String) -> String? { routeField == nil ? topic : nil }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        guard !record.value.isNull else {
            for header in addedHeaders where header.field.isSame(as: "op") {
                let value = ConnectDatum(.simple(.string), .text("d"))
                record.headers.append(ConnectHeader(name: header.target, content: .datum(value)))
            }
            return deletes.keepsTombstones
        }
        // Without schemas nothing says that a value is an event; Debezium lets it pass as it is.
        guard let schema = record.value.schema, schema.kind == .structure,
            let name = schema.name, name.ends(with: ".Envelope")
        else { return true }
        let values = try record.value.value.fields(of: schema)
        let event = try events.value(for: schema, event)
        for (name, place) in event.headers {
            let value = ConnectDatum(place.schema, try place.value(in: values))
            record.headers.append(ConnectHeader(name: name, content: .datum(value)))
        }
        let (before, after) = (values[event.before], values[event.after])
        if !after.isNull { return try take(after, event.after, schema, values, isDelete: false, &record) }
        // A truncate, or a message of the log.
        guard !before.isNull else { return false }
        switch deletes.row {
        case .dropped: return false
        case .tombstone:
            if let routeField {
                let source = schema.fields[event.before].schema
                try Self.route(by: routeField, of: before, source, &record)
            }
            record.value = ConnectDatum(schema.fields[event.after].schema, .null)
            try dropping?.apply(&record)
            return true
        case .rewritten: return try take(before, event.before, schema, values, isDelete: true, &record)
        }
    }

    private func event(_ schema: ConnectSchema) throws(DecodeError) -> Event {
        guard let after = schema.place(of: "after"), let before = schema.place(of: "before") else {
            throw DecodeError("the event has no fields before and after", at: 0)
        }
        var headers: [(name: String, place: EnvelopeField.Place)] = []
        for header in addedHeaders {
            if let place = try header.place(in: schema) { headers.append((header.target, place)) }
        }
        return Event(after: after, before: before, headers: headers)
    }

    /// Puts a row of the event in its place.
    private mutating func take(
        _ row: ConnectValue,
        _ place: Int,
        _ event: ConnectSchema,
        _ values: [ConnectValue],
        isDelete: Bool,
        _ record: inout ConnectRecord
    ) throws(DecodeError) -> Bool {
        let source = event.fields[place].schema
        if let routeField { try Self.route(by: routeField, of: row, source, &record) }
        let plan = try knownPlan(source, event, isDelete: isDelete)
        let isRewritten = deletes.row == .rewritten
        if !isRewritten, plan.added.isEmpty {
            // The row stays as it is written.
            record.value = ConnectDatum(plan.schema, row)
        } else {
            var fields = try row.fields(of: source)
            if isRewritten {
                if replacesNull {
                    for place in fields.indices {
                        fields[place] = fields.value(at: place, of: source, defaulting: true)
                    }
                }
                fields.append(.text(isDelete ? "true" : "false"))
            }
            for place in plan.added { fields.append(try place.value(in: values)) }
            record.value = ConnectDatum(plan.schema, .structure(fields))
        }
        try dropping?.apply(&record)
        return true
    }

    private mutating func knownPlan(
        _ source: ConnectSchema,
        _ event: ConnectSchema,
        isDelete: Bool
    ) throws(DecodeError) -> Plan {
        if let known = isDelete ? deletePlans[event] : plans[event] { return known }
        let plan = try plan(source, event)
        if isDelete { deletePlans[event] = plan } else { plans[event] = plan }
        return plan
    }

    private func plan(_ source: ConnectSchema, _ event: ConnectSchema) throws(DecodeError) -> Plan {
        guard source.kind == .structure else { throw DecodeError("the event's row is no struct", at: 0) }
        var fields = source.fields
        if deletes.row == .rewritten {
            fields.append(ConnectSchema.Field(name: "__deleted", schema: .simple(.string, isOptional: true)))
        }
        var added: [EnvelopeField.Place] = []
        for field in addedFields {
            guard let place = try field.place(in: event) else { continue }
            fields.append(ConnectSchema.Field(name: field.target, schema: place.schema))
            added.append(place)
        }
        return Plan(source: source, schema: try source.with(fields: fields), added: added)
    }

    /// Takes the topic's name from a field, where that has one.
    private static func route(
        by field: String,
        of row: ConnectValue,
        _ schema: ConnectSchema,
        _ record: inout ConnectRecord
    ) throws(DecodeError) {
        guard let place = schema.place(of: field), schema.fields[place].schema.kind == .string else {
            throw DecodeError("route.by.field: the row has no text field \(field)", at: 0)
        }
        let value = try row.fields(of: schema).value(at: place, of: schema, defaulting: true)
        guard case .text(let topic) = try value.opened(schema.fields[place].schema), !topic.trimmed.isEmpty
        else {
            return
        }
        record.topic = topic
    }
}

extension ExtractNewRecordState.DeleteHandling {
    /// Reads the options of both generations; the newer name decides where it stands.
    init?(_ options: inout TransformOptions) {
        let mode = options.choice(
            "delete.tombstone.handling.mode",
            ["drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone"],
            default: ""
        )
        let hasOld = options.has("delete.handling.mode") || options.has("drop.tombstones")
        let old = options.choice("delete.handling.mode", ["drop", "none", "rewrite"], default: "drop")
        let dropsTombstones = options.flag("drop.tombstones", default: true)
        switch mode {
        case "drop": self.init(row: .dropped, keepsTombstones: false)
        case "tombstone", "delete-to-tombstone": self.init(row: .tombstone, keepsTombstones: false)
        case "rewrite": self.init(row: .rewritten, keepsTombstones: false)
        case "rewrite-with-tombstone": self.init(row: .rewritten, keepsTombstones: true)
        case nil: return nil
        default:
            guard hasOld else {
                self.init(row: .tombstone, keepsTombstones: false)
                return
            }
            switch old {
            case "none": self.init(row: .tombstone, keepsTombstones: !dropsTombstones)
            case "rewrite": self.init(row: .rewritten, keepsTombstones: !dropsTombstones)
            case "drop": self.init(row: .dropped, keepsTombstones: !dropsTombstones)
            default: return nil
            }
        }
    }
}

/// `drop.fields.header.name` and what belongs to it: a header lists fields to leave out.
struct FieldDropping: Sendable {
    private let header: String
    private let fromKey: Bool
    /// Whether only optional fields are left out.
    private let keepsCompatible: Bool

    init?(_ options: inout TransformOptions) {
        let header = options.take("drop.fields.header.name")?.trimmed ?? ""
        fromKey = options.flag("drop.fields.from.key", default: false)
        keepsCompatible = options.flag("drop.fields.keep.schema.compatible", default: true)
        guard !header.isEmpty else { return nil }
        self.header = header
    }

    func apply(_ record: inout ConnectRecord) throws(DecodeError) {
        guard let found = record.headers.first(where: { $0.name.isSame(as: header) }),
            let bytes = try found.bytes()
        else { return }
        var memory = SchemaMemory()
        let names = try ConnectDatum(bytes, &memory).value.elements().map { element throws(DecodeError) in
            guard case .text(let name) = try element.opened(nil) else {
                throw DecodeError("header \(header) is no list of names", at: 0)
            }
            return name
        }
        if fromKey { try drop(names, .key, &record) }
        try drop(names, .value, &record)
    }

    private func drop(_ names: [String], _ side: RecordSide, _ record: inout ConnectRecord)
        throws(DecodeError)
    {
        var names = names
        if keepsCompatible {
            let schema = record[side].schema
            names = names.filter { name in
                schema?.place(of: name).flatMap { schema?.fields[$0].schema.isOptional } ?? false
            }
        }
        guard !names.isEmpty else { return }
        var transform = ReplaceField(side, without: names)
        _ = try transform.apply(&record)
    }
}
