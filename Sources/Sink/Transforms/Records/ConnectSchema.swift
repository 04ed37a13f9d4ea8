import ChangeEvents

/// A schema as Connect's `ConnectSchema` has it: made once, never changed, known again by its identity.
final class ConnectSchema: Sendable {
    /// Connect's types, by the words of its JSON (`org.apache.kafka.connect.json.JsonSchema`).
    enum Kind: String, Sendable {
        case int8, int16, int32, int64, float, double, boolean, string, bytes, array, map
        case structure = "struct"
    }

    struct Field: Sendable {
        let name: String
        let schema: ConnectSchema
    }

    let kind: Kind
    let isOptional: Bool
    let metadata: Metadata
    /// The fields of a struct.
    let fields: [Field]
    /// The elements of an array; the values of a map.
    let items: ConnectSchema?
    /// The keys of a map.
    let keys: ConnectSchema?
    private let places: [ExactText: Int]
    /// The schema as JSON, without the brace at its end.
    private let text: [UInt8]

    /// What a schema says beside its shape.
    struct Metadata: Sendable {
        var name: String?
        var version: Int64?
        var doc: String?
        /// In the order in which they were given.
        var parameters: [(name: String, value: String)] = []
        /// The default as JSON; `nil` where there is none.
        var fallback: [UInt8]?

        /// What Connect's `SchemaUtil.copySchemaBasics` takes over: all but the default.
        var basics: Metadata {
            var copy = self
            copy.fallback = nil
            return copy
        }
    }

    /// - Throws: `DecodeError` for two fields of one name, which Connect refuses too.
    init(
        _ kind: Kind,
        isOptional: Bool = false,
        metadata: Metadata = Metadata(),
        fields: [Field] = [],
        items: ConnectSchema? = nil,
        keys: ConnectSchema? = nil
    ) throws(DecodeError) {
        (self.kind, self.isOptional, self.metadata, self.fields) = (kind, isOptional, metadata, fields)
        (self.items, self.keys) = (items, keys)
        var places: [ExactText: Int] = [:]
        for (place, field) in fields.enumerated() {
            guard places.updateValue(place, forKey: ExactText(field.name)) == nil else {
                throw DecodeError("two fields of a schema are called \(field.name)", at: 0)
            }
        }
        self.places = places
        text = Self.text(kind, isOptional, metadata, fields, items, keys)
    }

    private init(bare kind: Kind, isOptional: Bool, named name: String?) {
        (self.kind, self.isOptional, fields, items, keys, places) = (kind, isOptional, [], nil, nil, [:])
        metadata = Metadata(name: name, version: name == nil ? nil : 1)
        text = Self.text(kind, isOptional, metadata, [], nil, nil)
    }

    /// A schema without parts; with a name, one of Connect's own logical types, whose version is 1.
    static func simple(_ kind: Kind, isOptional: Bool = false, named name: String? = nil) -> ConnectSchema {
        ConnectSchema(bare: kind, isOptional: isOptional, named: name)
    }

    /// A struct like this one with other fields; optional and default are left, as `copySchemaBasics` leaves them.
    func with(fields: [Field]) throws(DecodeError) -> ConnectSchema {
        try ConnectSchema(.structure, metadata: metadata.basics, fields: fields)
    }

    /// The place of a field, `nil` where there is none of this name.
    func place(of name: String) -> Int? { places[ExactText(name)] }

    func place(of name: ExactText) -> Int? { places[name] }

    var name: String? { metadata.name }

    /// The default, as a value; `nil` where there is none.
    var fallback: ConnectValue? {
        metadata.fallback.map { .raw(JSONSlice($0)) }
    }
}

/// A schema as `JsonConverter` writes it.
extension ConnectSchema {
    func append(to target: inout [UInt8]) {
        target += text
        target.append(UInt8(ascii: "}"))
    }

    private static func text(
        _ kind: Kind,
        _ isOptional: Bool,
        _ metadata: Metadata,
        _ fields: [Field],
        _ items: ConnectSchema?,
        _ keys: ConnectSchema?
    ) -> [UInt8] {
        var text = Array("{\"type\":\"\(kind.rawValue)\",\"optional\":\(isOptional)".utf8)
        if let items {
            text += Array((kind == .map ? ",\"values\":" : ",\"items\":").utf8)
            items.append(to: &text)
        }
        if let keys {
            text += Array(",\"keys\":".utf8)
            keys.append(to: &text)
        }
        if kind == .structure {
            text += Array(",\"fields\":[".utf8)
            for (place, field) in fields.enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                text += field.schema.text
                text += Array(",\"field\":".utf8) + quoted(field.name)
                text.append(UInt8(ascii: "}"))
            }
            text.append(UInt8(ascii: "]"))
        }
        if let name = metadata.name { text += Array(",\"name\":".utf8) + quoted(name) }
        if let version = metadata.version { text += Array(",\"version\":\(version)".utf8) }
        if let doc = metadata.doc { text += Array(",\"doc\":".utf8) + quoted(doc) }
        if !metadata.parameters.isEmpty {
            text += Array(",\"parameters\":{".utf8)
            for (place, parameter) in metadata.parameters.enumerated() {
                if place > 0 { text.append(UInt8(ascii: ",")) }
                text += quoted(parameter.name) + [UInt8(ascii: ":")] + quoted(parameter.value)
            }
            text.append(UInt8(ascii: "}"))
        }
        if let fallback = metadata.fallback { text += Array(",\"default\":".utf8) + fallback }
        return text
    }

    private static func quoted(_ text: String) -> [UInt8] { JSONText.quoted(Array(text.utf8)) }
}
