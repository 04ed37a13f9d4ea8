import ChangeEvents
import Postgres

/// A schema's default as SQL writes it.
///
/// It is read as a value of the column would be read, so that it means the same; what can't be read so is left out.
enum DefaultLiteral {
    /// - Parameter type: the column's type as SQL writes it.
    static func sql(_ field: ConnectField, as type: String) -> String? {
        let json: String
        switch field.fallback {
        case .none: return nil
        case .word(let word): json = word
        case .text(let text): json = DefaultLiteral.json(text)
        case .other(let raw): json = raw
        }
        switch (field.fallback, type) {
        case (.word(let word), "smallint"), (.word(let word), "integer"), (.word(let word), "bigint"),
            (.word(let word), "real"), (.word(let word), "double precision"), (.word(let word), "boolean"):
            return field.semantic == nil ? word : nil
        // Not cast: a cast to varchar(n) cuts without a word.
        case (.text(let text), _) where field.type == "string" && (field.semantic == nil || field.isEnum):
            return try? quotedLiteral(text)
        default: break
        }
        guard let form = form(of: type) else { return nil }
        let bytes = Array(json.utf8)
        var scanner = JSONScanner(bytes.span.bytes)
        var text: [UInt8] = []
        do throws(DecodeError) {
            try ValueDecoder.append(&scanner, form, field.valueSchema, to: &text)
            try scanner.finish()
        } catch {
            return nil
        }
        guard let literal = try? quotedLiteral(String(decoding: text, as: UTF8.self)) else { return nil }
        // Money's own input depends on the locale.
        return "\(literal)::\(type == "money" ? "numeric::money" : type)"
    }

    private static func json(_ text: String) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": json += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                json += "\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits
            default: json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    /// How values of a type that comes with the server are read.
    private static func form(of type: String) -> ValueForm? {
        if type.ends(with: "[]") {
            let element = String(decoding: type.utf8.dropLast(2), as: UTF8.self)
            return form(of: element).map { .array($0) }
        }
        let parts = type.parts(at: "(", limit: 2)
        let digits = parts.count == 2 ? Int(String(decoding: parts[1].utf8.dropLast(), as: UTF8.self)) : nil
        switch parts[0] {
        case "boolean": return .boolean
        case "smallint": return .integer(Int64(Int16.min)...Int64(Int16.max))
        case "integer": return .integer(Int64(Int32.min)...Int64(Int32.max))
        case "bigint": return .integer(Int64.min...Int64.max)
        case "real": return .float(maximumDigits: 9)
        case "double precision": return .float(maximumDigits: 17)
        case "numeric": return .numeric(scale: nil)
        case "money": return .numeric(scale: 2)
        case "text", "varchar", "uuid", "xml", "inet", "cidr", "macaddr", "macaddr8": return .text(limit: nil)
        case "char": return .paddedText
        case "json", "jsonb": return .json
        case "bytea": return .bytea
        case "bit": return .bit(length: digits ?? 1)
        case "date": return .date
        case "time": return .time(precision: digits ?? 6)
        case "timetz": return .zonedTime(precision: 6)
        case "timestamp": return .timestamp(precision: digits ?? 6)
        case "timestamptz": return .zonedTimestamp(precision: 6)
        case "interval": return .interval(precision: 6)
        default: return nil
        }
    }
}

extension ConnectField {
    fileprivate var isEnum: Bool { semantic == "io.debezium.data.Enum" }

    /// The schema as the decoder of values has it.
    fileprivate var valueSchema: FieldSchema? {
        guard let kind = FieldSchema.kind(type) else { return nil }
        var schema = FieldSchema(kind: kind)
        if let semantic { schema.semantic = FieldSchema.semantic(named: semantic) }
        schema.scale = parameters["scale"].flatMap { Int($0) }
        schema.length = parameters["length"].flatMap { Int($0) }
        schema.items = items.compactMap(\.valueSchema)
        return schema
    }
}
