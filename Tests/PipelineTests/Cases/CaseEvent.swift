/// One record of a case, before it is put into one of the forms that a source connector writes.
struct CaseEvent: Sendable {
    enum Kind: Sendable {
        case create, update, delete, truncate
        /// A record without a value.
        case tombstone
        /// The value as it stands.
        case raw(String)
    }

    let kind: Kind
    /// The record's key as JSON; `nil` is no key at all.
    var key: String?
    /// The row as JSON: after the change, or before a delete.
    var row: String?
    /// The row's fields, where they differ from the case's.
    var fields: CaseFields?
    var headers: [String: String] = [:]

    static func create(_ key: String?, _ row: String, _ fields: CaseFields? = nil) -> CaseEvent {
        CaseEvent(kind: .create, key: key, row: row, fields: fields)
    }

    static func update(_ key: String?, _ row: String, _ fields: CaseFields? = nil) -> CaseEvent {
        CaseEvent(kind: .update, key: key, row: row, fields: fields)
    }

    static func delete(_ key: String?, before: String? = nil) -> CaseEvent {
        CaseEvent(kind: .delete, key: key, row: before ?? key)
    }

    static func tombstone(_ key: String?) -> CaseEvent { CaseEvent(kind: .tombstone, key: key) }

    static var truncate: CaseEvent { CaseEvent(kind: .truncate) }

    static func raw(_ value: String, key: String?) -> CaseEvent { CaseEvent(kind: .raw(value), key: key) }

    func with(_ headers: [String: String]) -> CaseEvent {
        var event = self
        event.headers = headers
        return event
    }
}

/// Fields of a struct: `id:int64 note:string? count:int32?=5`, or schema objects as they stand in JSON.
struct CaseFields: Sendable, ExpressibleByStringLiteral {
    /// The `fields` of the struct's schema, without brackets.
    let json: String

    init(stringLiteral text: String) { self.init(text) }

    init(_ text: String) {
        guard !text.hasPrefix("{") else {
            json = text
            return
        }
        json = text.split(separator: " ").map { field in
            let parts = field.split(separator: "=", maxSplits: 1)
            let pair = parts[0].split(separator: ":")
            let type = pair[1].filter { $0 != "?" }
            let fallback = parts.count == 2 ? #","default":\#(parts[1])"# : ""
            return
                #"{"field":"\#(pair[0])","type":"\#(type)","optional":\#(pair[1].hasSuffix("?"))\#(fallback)}"#
        }
        .joined(separator: ",")
    }

    /// A field whose schema has a name, parameters or elements.
    static func field(_ name: String, _ type: String, _ semantic: String? = nil, _ rest: String = "")
        -> String
    {
        let title = semantic.map { #","name":"\#($0)","version":1"# } ?? ""
        return #"{"field":"\#(name)","type":"\#(type)","optional":true\#(title)\#(rest)}"#
    }
}

/// The form in which a source connector writes its records.
enum CaseForm: String, CaseIterable, Sendable {
    case envelope
    case envelopeWithoutSchema = "bare_envelope"
    /// As `ExtractNewRecordState` leaves them.
    case flat

    private var hasSchemas: Bool { self != .envelopeWithoutSchema }

    func key(_ event: CaseEvent, _ keySchema: String) -> String? {
        guard let key = event.key else { return nil }
        return hasSchemas ? #"{"schema":\#(keySchema),"payload":\#(key)}"# : key
    }

    /// The record's value; `nil` is none.
    func value(_ event: CaseEvent, _ fields: CaseFields) -> String? {
        let fields = event.fields ?? fields
        let row = event.row ?? "null"
        switch (event.kind, self) {
        case (.tombstone, _), (.delete, .flat): return nil
        case (.raw(let value), _): return value
        case (.truncate, .flat): preconditionFailure("flattened records have no truncates")
        case (.create, .flat), (.update, .flat):
            return #"{"schema":{"type":"struct","fields":[\#(fields.json)]},"payload":\#(row)}"#
        default: break
        }
        let envelope: String
        switch event.kind {
        case .create: envelope = #""before":null,"after":\#(row),"op":"c""#
        case .update: envelope = #""before":null,"after":\#(row),"op":"u""#
        case .delete: envelope = #""before":\#(row),"after":null,"op":"d""#
        default: envelope = #""before":null,"after":null,"op":"t""#
        }
        let payload = #"{"source":{"db":"d","schema":"s","table":"t"},\#(envelope),"ts_ms":1}"#
        guard hasSchemas else { return payload }
        func part(_ name: String) -> String {
            #"{"field":"\#(name)","type":"struct","optional":true,"fields":[\#(fields.json)]}"#
        }
        let source = #"{"field":"source","type":"struct","fields":[{"field":"db","type":"string"}]}"#
        let parts = [part("before"), part("after"), source, #"{"field":"op","type":"string"}"#]
        return
            #"{"schema":{"type":"struct","fields":[\#(parts.joined(separator: ","))]},"payload":\#(payload)}"#
    }
}
