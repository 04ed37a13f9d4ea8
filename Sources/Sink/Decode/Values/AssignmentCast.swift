import ChangeEvents

/// Values of one type in a column of another, as PostgreSQL assigns them: taken where nothing is lost.
///
/// The casts are those of `pg_cast` that are implicit or for assignment, and the text of each type ("CREATE CAST", PostgreSQL's
/// documentation); docs/types.md has the table. What the column's own forms have refused comes here.
enum AssignmentCast {
    /// A whole number, however it is written: `5.0`, `1E+2`, a decimal in base64.
    ///
    /// - Parameter refusal: what the column's own form says of the value.
    static func integer(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        _ refusal: DecodeError
    ) throws(DecodeError) -> Int64 {
        let text: [UInt8]
        switch (try scanner.peekKind(), schema?.kind) {
        case (.number, _), (.string, .bytes), (.object, _):
            text = try NumberDecoder.decimalText(&scanner, nil, schema)
        default: throw refusal
        }
        guard let number = DecimalNumber(text[...]) else { throw refusal }
        guard number.significantScale <= 0 else {
            throw DecodeError("the number has a fraction, which the column does not keep", at: 0)
        }
        guard let value = number.integer else {
            throw DecodeError("the number is out of the column's range", at: 0)
        }
        return value
    }

    /// 0 and 1 beside false and true.
    static func boolean(_ scanner: inout JSONScanner) throws(DecodeError) -> Bool {
        guard try scanner.peekKind() == .number else { return try scanner.boolean() }
        let position = scanner.position
        switch try scanner.integer() {
        case 0: return false
        case 1: return true
        default: throw DecodeError("a number in a boolean column is 0 or 1", at: position)
        }
    }

    /// Appends the text that PostgreSQL writes of a value that is none.
    ///
    /// - Parameter refusal: what the column's own form says of the value.
    static func text(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        _ refusal: DecodeError,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        let kind = try scanner.peekKind()
        if kind == .boolean, schema == nil || schema?.kind == .boolean {
            bytes.append(contentsOf: (try scanner.boolean() ? "true" : "false").utf8)
            return
        }
        // A number without a schema may be a day or a moment.
        guard let schema else { throw refusal }
        switch (kind, schema.kind, schema.semantic) {
        case (.number, .integer, .none), (.number, .integer, .other):
            bytes.append(contentsOf: String(try scanner.integer()).utf8)
        case (.number, .integer, .date):
            try TemporalDecoder.append(try scanner.integer(), .date, schema, to: &bytes)
        case (.number, .integer, .time):
            try TemporalDecoder.append(try scanner.integer(), .time(precision: 6), schema, to: &bytes)
        case (.number, .integer, .timestamp):
            try TemporalDecoder.append(try scanner.integer(), .timestamp(precision: 6), schema, to: &bytes)
        case (.number, .integer, .duration):
            try TemporalDecoder.append(try scanner.integer(), .interval(precision: 6), schema, to: &bytes)
        case (.number, .float, _):
            var text: [UInt8] = []
            scanner.appendRaw(try scanner.number(), to: &text)
            guard let number = DecimalNumber(text[...]) else { throw refusal }
            number.appendAsDouble(to: &bytes)
        case (.string, .bytes, .decimal), (.object, .structure, .variableScaleDecimal):
            bytes.append(contentsOf: try NumberDecoder.decimalText(&scanner, nil, schema))
        default: throw refusal
        }
    }
}

extension DecimalNumber {
    /// The number where it is whole and fits 64 bits.
    var integer: Int64? {
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return 0 }
        let count = significant.count - scale
        // 19 digits are the most.
        guard significantScale <= 0, (1...19).contains(count) else { return nil }
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, -scale))
        let text = String(decoding: significant.prefix(count) + zeros, as: UTF8.self)
        return Int64((isNegative ? "-" : "") + text)
    }

    /// Appends what PostgreSQL writes of a double precision with these digits (`double_to_shortest_decimal_bufn`).
    func appendAsDouble(to bytes: inout [UInt8]) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        let zero = UInt8(ascii: "0")
        let leading = digits.prefix { $0 == zero }.count
        guard leading < digits.count else {
            bytes.append(zero)
            return
        }
        let exponent = digits.count - leading - 1 - scale
        var significant = Array(digits[leading...])
        while significant.last == zero { significant.removeLast() }
        guard (-4..<15).contains(exponent) else {
            bytes.append(significant[0])
            if significant.count > 1 { bytes += [UInt8(ascii: ".")] + significant[1...] }
            let magnitude = String(exponent.magnitude)
            let sign = exponent < 0 ? "-" : "+"
            bytes.append(contentsOf: "e\(sign)\(magnitude.utf8.count < 2 ? "0" : "")\(magnitude)".utf8)
            return
        }
        if exponent < 0 {
            bytes.append(contentsOf: "0.".utf8)
            bytes += [UInt8](repeating: zero, count: -exponent - 1) + significant
            return
        }
        let whole = exponent + 1
        if significant.count <= whole {
            bytes += significant + [UInt8](repeating: zero, count: whole - significant.count)
        } else {
            bytes += significant[..<whole] + [UInt8(ascii: ".")] + significant[whole...]
        }
    }
}
