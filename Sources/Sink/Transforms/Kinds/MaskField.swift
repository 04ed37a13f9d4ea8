import ChangeEvents

/// `org.apache.kafka.connect.transforms.MaskField`: nothing, or a fixed text, in the place of what is secret.
struct MaskField: Transform {
    private let side: RecordSide
    private let fields: Set<ExactText>
    private let names: [String]
    private let replacement: String?
    private let replacesNull: Bool

    init?(_ options: inout TransformOptions, _ side: RecordSide) {
        self.side = side
        replacement = options.take("replacement")
        replacesNull = options.flag("replace.null.with.default", default: true)
        let fields = options.requiredList("fields", hint: "the fields to mask")
        if replacement?.isEmpty == true {
            options.add("replacement", "must not be empty; leave it out for empty values")
        }
        guard let fields, replacement?.isEmpty != true else { return nil }
        (names, self.fields) = (fields, Set(fields.map { ExactText($0) }))
    }

    func apply(_ record: inout ConnectRecord) throws(DecodeError) -> Bool {
        let datum = record[side]
        guard let (schema, values) = try datum.structure(for: "MaskField") else {
            var members = try datum.object(for: "MaskField")
            for name in names { members.put(name, try masked(members[name] ?? .null, nil, name)) }
            record[side] = ConnectDatum(nil, .object(members))
            return true
        }
        var masked = values
        for (place, field) in schema.fields.enumerated() {
            let value = values.value(at: place, of: schema, defaulting: replacesNull)
            masked[place] =
                fields.contains(ExactText(field.name))
                ? try self.masked(value, field.schema, field.name) : value
        }
        record[side] = ConnectDatum(schema, .structure(masked))
        return true
    }

    private func masked(
        _ value: ConnectValue,
        _ schema: ConnectSchema?,
        _ name: String
    ) throws(DecodeError) -> ConnectValue {
        guard !value.isNull else { return .null }
        guard let replacement else { return try emptied(value, schema, name) }
        return try replaced(value, schema, name, replacement)
    }

    private func emptied(
        _ value: ConnectValue,
        _ schema: ConnectSchema?,
        _ name: String
    ) throws(DecodeError) -> ConnectValue {
        // Decimals are bytes in JSON, and a number for Connect.
        if LogicalType(schema) == .decimal { return .text("AA==") }
        switch schema?.kind {
        case .bytes?, .structure?: throw Self.cannotMask(name)
        default: break
        }
        switch try value.opened(schema) {
        case .boolean: return .boolean(false)
        case .integer: return .integer(0)
        case .float: return .float(0)
        case .double: return .double(0)
        case .text: return .text("")
        case .array: return .array([])
        case .object: return .object([])
        case .null, .raw, .structure: throw Self.cannotMask(name)
        }
    }

    private func replaced(
        _ value: ConnectValue,
        _ schema: ConnectSchema?,
        _ name: String,
        _ text: String
    ) throws(DecodeError) -> ConnectValue {
        guard schema?.kind != .bytes, LogicalType(schema) == nil else {
            if LogicalType(schema) == .decimal {
                throw DecodeError(
                    "decimal field \(name) cannot be given a replacement here; mask it without one",
                    at: 0
                )
            }
            throw Self.cannotMask(name)
        }
        let number: ConnectValue?
        switch try value.opened(schema) {
        case .text: return .text(text)
        case .integer:
            // What does not fit is cut off, as Connect does.
            let value = JavaNumber.integer(text, as: Int64.self)
            switch schema?.kind {
            case .int8: number = value.map { .integer(Int64(Int8(truncatingIfNeeded: $0))) }
            case .int16: number = value.map { .integer(Int64(Int16(truncatingIfNeeded: $0))) }
            case .int32: number = value.map { .integer(Int64(Int32(truncatingIfNeeded: $0))) }
            default: number = value.map { .integer($0) }
            }
        case .float: number = JavaNumber.double(text).map { _ in .float(JavaNumber.float(text) ?? 0) }
        case .double: number = JavaNumber.double(text).map { .double($0) }
        default: throw Self.cannotMask(name)
        }
        guard let number else { throw DecodeError("the replacement is no number for field \(name)", at: 0) }
        return number
    }

    private static func cannotMask(_ name: String) -> DecodeError {
        DecodeError(
            "field \(name) is of a type that MaskField cannot mask; leave it out with ReplaceField",
            at: 0
        )
    }
}
