import ChangeEvents

/// How one value becomes another type: Java's conversions, which cut numbers off where they do not fit.
enum CastValue {
    /// - Throws: `DecodeError` for what Connect does not cast.
    static func cast(
        _ value: ConnectValue,
        _ schema: ConnectSchema?,
        to kind: ConnectSchema.Kind
    ) throws(DecodeError) -> ConnectValue {
        guard !value.isNull else { return .null }
        let logical = LogicalType(schema)
        if schema?.kind == .bytes {
            return try bytes(value, schema, logical, to: kind)
        }
        let opened = try value.opened(schema)
        switch opened {
        case .null: return .null
        case .boolean(let flag):
            guard kind == .boolean || kind == .string else { return number(Int64(flag ? 1 : 0), kind) }
            return kind == .boolean ? .boolean(flag) : .text(flag ? "true" : "false")
        case .integer(let number):
            if kind == .string, let logical { return .text(try text(number, logical)) }
            return self.number(number, kind)
        case .float(let number): return self.number(Double(number), kind, JavaNumber.text(number))
        case .double(let number): return self.number(number, kind, JavaNumber.text(number))
        case .text(let text): return try self.text(text, kind)
        case .array, .object, .structure, .raw:
            throw DecodeError("Cast does not take arrays, maps and structs", at: 0)
        }
    }

    private static func number(_ value: Int64, _ kind: ConnectSchema.Kind) -> ConnectValue {
        switch kind {
        case .int8: return .integer(Int64(Int8(truncatingIfNeeded: value)))
        case .int16: return .integer(Int64(Int16(truncatingIfNeeded: value)))
        case .int32: return .integer(Int64(Int32(truncatingIfNeeded: value)))
        case .float: return .float(Float(value))
        case .double: return .double(Double(value))
        case .boolean: return .boolean(value != 0)
        case .string: return .text(String(value))
        default: return .integer(value)
        }
    }

    /// A fraction: Java cuts it off, and takes the nearest number of the type where it is too large.
    private static func number(_ value: Double, _ kind: ConnectSchema.Kind, _ text: String) -> ConnectValue {
        switch kind {
        case .int64: return .integer(saturated(value, Int64.self))
        case .boolean: return .boolean(saturated(value, Int64.self) != 0)
        case .float: return .float(Float(value))
        case .double: return .double(value)
        case .string: return .text(text)
        default: return number(saturated(value, Int32.self), kind)
        }
    }

    private static func saturated<Number: FixedWidthInteger>(_ value: Double, _ type: Number.Type) -> Int64 {
        guard !value.isNaN else { return 0 }
        if let exact = Number(exactly: value.rounded(.towardZero)) { return Int64(exact) }
        return Int64(value < 0 ? Number.min : Number.max)
    }

    private static func text(_ text: String, _ kind: ConnectSchema.Kind) throws(DecodeError) -> ConnectValue {
        let value: ConnectValue?
        switch kind {
        case .int8: value = JavaNumber.integer(text, as: Int8.self).map { .integer($0) }
        case .int16: value = JavaNumber.integer(text, as: Int16.self).map { .integer($0) }
        case .int32: value = JavaNumber.integer(text, as: Int32.self).map { .integer($0) }
        case .int64: value = JavaNumber.integer(text, as: Int64.self).map { .integer($0) }
        case .float: value = JavaNumber.float(text).map { .float($0) }
        case .double: value = JavaNumber.double(text).map { .double($0) }
        case .boolean: value = .boolean(text.lowercasedASCII == "true")
        default: value = .text(text)
        }
        guard let value else {
            throw DecodeError("the text is no number of the type \(kind.rawValue)", at: 0)
        }
        return value
    }

    /// A date or time as Connect's `Values.dateFormatFor` writes it.
    private static func text(_ value: Int64, _ type: LogicalType) throws(DecodeError) -> String {
        let milliseconds: Int64
        switch type {
        case .date:
            let (product, overflow) = value.multipliedReportingOverflow(by: 86_400_000)
            guard !overflow else { throw DecodeError("a date that is out of range", at: 0) }
            milliseconds = product
        default: milliseconds = value
        }
        let moment = JavaCalendar(milliseconds: milliseconds)
        // Connect takes all before the second day of 1970 for a time.
        if milliseconds < 86_400_000 { return moment.format(.time) }
        return moment.format(milliseconds % 86_400_000 == 0 ? .date : .timestamp)
    }

    private static func bytes(
        _ value: ConnectValue,
        _ schema: ConnectSchema?,
        _ logical: LogicalType?,
        to kind: ConnectSchema.Kind
    ) throws(DecodeError) -> ConnectValue {
        let opened = try value.opened(schema)
        if logical == .decimal {
            let text = try DecimalText.text(opened, scale: schema?.metadata.parameters)
            switch kind {
            case .string: return .text(text)
            case .double: return .double(Double(text) ?? .nan)
            case .float: return .float(Float(text) ?? .nan)
            default:
                guard let integer = DecimalText.integer(text) else {
                    throw DecodeError("a decimal is too large", at: 0)
                }
                return number(integer, kind)
            }
        }
        guard kind == .string, case .text(let base64) = opened else {
            throw DecodeError("bytes are cast to string only", at: 0)
        }
        return .text(base64)
    }
}
