import ChangeEvents

/// Values of one type in a column of another, as PostgreSQL assigns them: taken where nothing is lost.
///
/// The casts are those of `pg_cast` that are implicit or for assignment, and the text of each type ("CREATE CAST", PostgreSQL's
/// documentation); docs/types.md has the table. What the column's own forms have refused comes here.
enum AssignmentCast {
    /// A whole number, however it is written: `5.0`, `1E+2`, a decimal in base64.
    ///
    /// - Parameters:
    ///   - rounds: whether a fraction is rounded, as PostgreSQL rounds numeric and double precision.
    ///   - readsTexts: whether a text is one as well.
    ///   - refusal: what the column's own form says of the value.
    static func integer(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        rounds: Bool,
        readsTexts: Bool,
        _ refusal: DecodeError
    ) throws(DecodeError) -> Int64 {
        let text: [UInt8]
        switch (try scanner.peekKind(), schema?.kind) {
        case (.number, _), (.string, .bytes), (.object, _):
            text = try NumberDecoder.decimalText(&scanner, nil, schema)
        case (.string, nil) where readsTexts, (.string, .string) where readsTexts:
            guard let value = Int64(try scanner.value(of: try scanner.string()).trimmed) else {
                throw refusal
            }
            return value
        default: throw refusal
        }
        guard let number = DecimalNumber(text[...]) else { throw refusal }
        guard number.significantScale <= 0 else {
            if rounds {
                // PostgreSQL rounds a double's half to the even neighbour, a numeric's away from zero.
                let isDouble = schema?.kind == .float
                guard let value = isDouble ? number.nearestInteger : number.integerAwayFromZero else {
                    throw DecodeError("the number is out of the column's range", at: 0)
                }
                return value
            }
            throw DecodeError("the number has a fraction, which the column does not keep", at: 0)
        }
        guard let value = number.integer else {
            throw DecodeError("the number is out of the column's range", at: 0)
        }
        return value
    }

    /// 0 and 1 beside false and true.
    static func boolean(_ scanner: inout JSONScanner, _ column: Column? = nil) throws(DecodeError) -> Bool {
        let kind = try scanner.peekKind()
        if kind == .string, column?.readsTexts == true { return try boolean(ofText: &scanner) }
        guard kind == .number else { return try scanner.boolean() }
        let position = scanner.position
        switch try scanner.integer() {
        case 0: return false
        case 1: return true
        default: throw DecodeError("a number in a boolean column is 0 or 1", at: position)
        }
    }

    /// The words that PostgreSQL reads as a boolean, without those that it completes.
    private static func boolean(ofText scanner: inout JSONScanner) throws(DecodeError) -> Bool {
        let position = scanner.position
        switch try scanner.value(of: try scanner.string()).trimmed.lowercasedASCII {
        case "t", "true", "y", "yes", "on", "1": return true
        case "f", "false", "n", "no", "off", "0": return false
        default: throw DecodeError("the text is no boolean", at: position)
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
    /// The number as numeric is rounded: half goes away from zero; `nil` beyond 64 bits.
    fileprivate var integerAwayFromZero: Int64? {
        guard scale > 0 else { return integer }
        let count = digits.count - scale
        let whole = count > 0 ? String(decoding: digits.prefix(count), as: UTF8.self) : "0"
        guard let magnitude = Int64((isNegative ? "-" : "") + whole) else { return nil }
        let isUp = count >= 0 && count < digits.count && digits[count] >= UInt8(ascii: "5")
        guard isUp else { return magnitude }
        let (value, isBeyond) = magnitude.addingReportingOverflow(isNegative ? -1 : 1)
        return isBeyond ? nil : value
    }

    /// The number as double precision is rounded: half goes to the even neighbour; `nil` beyond 64 bits.
    fileprivate var nearestInteger: Int64? {
        let text = (isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self) + "e\(-scale)"
        return Double(text).flatMap { Int64(exactly: $0.rounded(.toNearestOrEven)) }
    }

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
