import ChangeEvents

/// The columns of an outbox table, by the options of `EventRouter`.
struct OutboxNames: Sendable {
    /// A column that goes into a header, or beside the payload.
    struct Added: Sendable {
        let field: String
        let alias: String
    }

    let id: String
    let key: String
    let payload: String
    let timestamp: String?
    let route: String
    private(set) var headers: [Added] = []
    private(set) var envelope: [Added] = []
    private let failsOnMissing: Bool

    init?(_ options: inout TransformOptions) {
        id = options.take("table.field.event.id") ?? "id"
        key = options.take("table.field.event.key") ?? "aggregateid"
        payload = options.take("table.field.event.payload", alias: "table.field.payload") ?? "payload"
        timestamp = options.take("table.field.event.timestamp")
        route = options.take("route.by.field") ?? "aggregatetype"
        let failsByOldName = options.flag("table.fields.additional.error.on.missing", default: true)
        let missing = options.choice(
            "table.field.additional.missing",
            ["error", "ignore"],
            default: failsByOldName ? "error" : "ignore"
        )
        failsOnMissing = missing != "ignore"
        // They name the version of a schema, and a schema's name, which change nothing in a sink.
        for option in [
            "table.field.event.schema.version", "table.field.schema.version", "table.field.event.type",
            "table.field.event.payload.id", "table.field.payload.id",
        ] { _ = options.take(option) }
        for text in options.list("table.fields.additional.placement") {
            let parts = text.javaParts(at: ":").map(\.trimmed)
            guard parts.count == 2 || parts.count == 3 else {
                options.add(
                    "table.fields.additional.placement",
                    "must be field:header or field:envelope:alias",
                    value: text
                )
                return nil
            }
            let added = Added(field: parts[0], alias: parts[parts.count - 1 == 2 ? 2 : 0])
            switch parts[1].lowercasedASCII {
            case "header": headers.append(added)
            case "envelope": envelope.append(added)
            case "partition": break
            default:
                options.add(
                    "table.fields.additional.placement",
                    "places fields in header, envelope or partition",
                    value: text
                )
                return nil
            }
        }
    }

    /// The value of an added column; `nil` where it is missing and may be.
    func datum(_ added: Added, _ row: OutboxRow) throws(DecodeError) -> ConnectDatum? {
        if !failsOnMissing, row.schema.place(of: added.field) == nil { return nil }
        return try row.datum(added.field)
    }
}

/// A row of an outbox table.
struct OutboxRow {
    let schema: ConnectSchema
    let values: [ConnectValue]

    func datum(_ field: String) throws(DecodeError) -> ConnectDatum {
        guard let place = schema.place(of: field) else {
            throw DecodeError("the outbox table has no column \(field)", at: 0)
        }
        return ConnectDatum(
            schema.fields[place].schema,
            values.value(at: place, of: schema, defaulting: true)
        )
    }

    func text(_ field: String) throws(DecodeError) -> String {
        let datum = try datum(field)
        guard datum.schema?.kind == .string, case .text(let text) = try datum.value.opened(datum.schema)
        else {
            throw DecodeError("column \(field) of the outbox table is no text, and it says the topic", at: 0)
        }
        return text
    }

    /// The time of the event in milliseconds since 1970.
    func timestamp(_ field: String?, otherwise processed: ConnectValue?) throws(DecodeError) -> Int64? {
        if let field {
            let datum = try datum(field)
            if case .integer(let value) = try datum.value.opened(datum.schema) {
                switch datum.schema?.name {
                case "io.debezium.time.Timestamp": return value
                case "io.debezium.time.MicroTimestamp": return value / 1_000
                case "io.debezium.time.NanoTimestamp": return value / 1_000_000
                default: throw DecodeError("column \(field) of the outbox table is no timestamp", at: 0)
                }
            }
            guard datum.isNull else {
                throw DecodeError("column \(field) of the outbox table is no timestamp", at: 0)
            }
        }
        if case .integer(let value)? = processed { return value }
        return nil
    }
}
