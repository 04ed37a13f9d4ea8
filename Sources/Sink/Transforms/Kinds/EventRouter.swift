import ChangeEvents

/// `io.debezium.transforms.outbox.EventRouter`: the events of an outbox table, each to the topic that it names.
struct EventRouter: Transform {
    private let names: OutboxNames
    private var router: RegexRouter
    private let failsOnUpdate: Bool
    private let makesTombstones: Bool
    private let expandsPayload: Bool
    private let dropsNull: Bool
    private var schemas = SchemaCache<ConnectSchema>()

    init?(_ options: inout TransformOptions) {
        let names = OutboxNames(&options)
        let regex = options.take("route.topic.regex") ?? "(?<routedByValue>.*)"
        let replacement = options.take("route.topic.replacement") ?? "outbox.event.${routedByValue}"
        let router = RegexRouter(
            &options,
            regex: regex,
            "route.topic.regex",
            replacement: replacement,
            "route.topic.replacement"
        )
        let words = ["warn", "error", "fatal"]
        let former = options.choice("debezium.op.invalid.behavior", words, default: "warn")
        let behavior = options.choice("table.op.invalid.behavior", words, default: former)
        makesTombstones = options.flag("route.tombstone.on.empty.payload", default: false)
        expandsPayload = options.flag("table.expand.json.payload", default: false)
        let null = options.choice(
            "table.json.payload.null.behavior",
            ["ignore", "optional_bytes"],
            default: "ignore"
        )
        // What traces, and what names Avro takes, change nothing in a sink.
        for option in options.untaken
        where option.begins(with: "tracing.") || option.ends(with: "adjustment.mode") {
            _ = options.take(option)
        }
        if expandsPayload, names?.envelope.isEmpty == false {
            options.add(
                "table.expand.json.payload",
                "is not supported together with fields placed in the envelope; place them in headers",
                value: "true"
            )
            return nil
        }
        guard let names, let router, let behavior, let null else { return nil }
        (self.names, self.router) = (names, router)
        (failsOnUpdate, dropsNull) = (behavior == "fatal", null == "ignore")
    }

    func topic(for topic: String) -> String? { nil }

    mutating func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        guard !record.value.isNull else { return false }
        guard let schema = record.value.schema, schema.kind == .structure, let name = schema.name,
            name.ends(with: ".Envelope")
        else { return true }
        let event = try record.value.value.fields(of: schema)
        guard let operation = schema.place(of: "op"), case .text(let op) = try event[operation].opened(nil)
        else {
            throw DecodeError("the event has no op", at: 0)
        }
        if op == "d" { return false }
        if op == "u" {
            guard !failsOnUpdate else { throw DecodeError("an event of an outbox was updated", at: 0) }
            return false
        }
        guard let after = schema.place(of: "after"), !event[after].isNull else {
            throw DecodeError("the event has no row after the change", at: 0)
        }
        let source = schema.fields[after].schema
        let row = OutboxRow(schema: source, values: try event[after].fields(of: source))
        var created: ConnectValue?
        if let place = schema.place(of: "ts_ms") { created = try event[place].opened(nil) }
        try route(&record, row, processed: created)
        return try router.apply(&record)
    }

    private mutating func route(
        _ record: inout ConnectRecord,
        _ row: OutboxRow,
        processed: ConnectValue?
    ) throws(DecodeError) {
        var payload = try row.datum(names.payload)
        record.headers.append(ConnectHeader(name: "id", content: .datum(try row.datum(names.id))))
        if let timestamp = try row.timestamp(names.timestamp, otherwise: processed) {
            record.timestamp = timestamp
        }
        if expandsPayload { payload = expanded(payload) }
        let isEmpty = try Self.isEmpty(payload)
        for field in names.headers {
            guard let datum = try names.datum(field, row) else { continue }
            record.headers.append(ConnectHeader(name: field.alias, content: .datum(datum)))
        }
        let topic = try row.text(names.route)
        if isEmpty, makesTombstones {
            record.value = .none
        } else if names.envelope.isEmpty {
            record.value = payload
        } else {
            record.value = try enveloped(payload, row, topic)
        }
        record.key = try row.datum(names.key)
        record.topic = topic
    }

    private mutating func enveloped(
        _ payload: ConnectDatum,
        _ row: OutboxRow,
        _ topic: String
    ) throws(DecodeError) -> ConnectDatum {
        guard let schema = payload.schema else { return payload }
        var values = [payload.value]
        for field in names.envelope {
            if let datum = try names.datum(field, row) { values.append(datum.value) }
        }
        let updated = try schemas.value(for: row.schema) { _ throws(DecodeError) in
            var fields = [ConnectSchema.Field(name: "payload", schema: schema)]
            for field in names.envelope {
                guard let datum = try names.datum(field, row), let schema = datum.schema else { continue }
                fields.append(ConnectSchema.Field(name: field.alias, schema: schema))
            }
            return try ConnectSchema(
                .structure,
                metadata: ConnectSchema.Metadata(name: Self.name(row.schema.name, topic)),
                fields: fields
            )
        }
        return ConnectDatum(updated, .structure(values))
    }

    /// The name of the row's schema with the topic before its last part.
    private static func name(_ name: String?, _ topic: String) -> String {
        guard let name else { return topic }
        let parts = name.parts(at: ".", keepingEmpty: true)
        return (parts.dropLast() + [topic] + parts.suffix(1)).joined(separator: ".")
    }

    private static func isEmpty(_ payload: ConnectDatum) throws(DecodeError) -> Bool {
        guard !payload.isNull else { return true }
        guard case .text(let text) = try payload.value.opened(payload.schema), payload.schema?.kind != .bytes
        else {
            return false
        }
        return text.trimmed.isEmpty
    }

    /// A payload of JSON as what it says; any other stays the text that it is.
    ///
    /// Debezium makes a schema of the values; here the columns say what the values are.
    private func expanded(_ payload: ConnectDatum) -> ConnectDatum {
        guard let value = try? payload.value.opened(payload.schema), case .text(let text) = value,
            text.begins(with: "{") || text.begins(with: "[")
        else { return payload }
        let slice = JSONSlice(Array(text.utf8))
        let opened = try? slice.scan { scanner throws(DecodeError) in
            let value = try slice.next(&scanner)
            try scanner.finish()
            return dropsNull ? try Self.withoutNull(value) : value
        }
        return opened.map { ConnectDatum(nil, $0) } ?? payload
    }

    private static func withoutNull(_ value: ConnectValue) throws(DecodeError) -> ConnectValue {
        guard case .object(let members) = try value.opened(nil) else { return value }
        var kept: [(name: String, value: ConnectValue)] = []
        for member in members where !member.value.isNull {
            kept.append((member.name, try withoutNull(member.value)))
        }
        return .object(kept)
    }
}
