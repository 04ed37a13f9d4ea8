import ChangeEvents

/// Connect's `Decimal` as Java's `BigDecimal` would have it.
enum DecimalText {
    /// `BigDecimal.toString`: plain, but with an exponent for a negative scale or six zeros after the point.
    ///
    /// - Throws: `DecodeError` for a value that is no decimal.
    static func text(_ value: ConnectValue, scale parameters: [(name: String, value: String)]?)
        throws(DecodeError) -> String
    {
        // A number in JSON is the decimal itself (`decimal.format=NUMERIC`).
        switch value {
        case .integer(let number): return String(number)
        case .text(let base64):
            guard let bytes = Base64.decode(Array(base64.utf8)) else {
                return base64
            }
            guard let text = parameters?.first(where: { $0.name == "scale" })?.value, let scale = Int(text),
                (-10_000...10_000).contains(scale)
            else { throw DecodeError("a decimal's schema has no scale from -10000 to 10000", at: 0) }
            return self.text(unscaled: bytes, scale: scale)
        default: throw DecodeError("a decimal is neither text nor number", at: 0)
        }
    }

    private static func text(unscaled bytes: [UInt8], scale: Int) -> String {
        var digits: [UInt8] = []
        DecimalNumber.append(unscaled: bytes, scale: 0, to: &digits)
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        let exponent = digits.count - 1 - scale
        if scale >= 0, exponent >= -6 {
            var plain: [UInt8] = []
            DecimalNumber.append(unscaled: bytes, scale: scale, to: &plain)
            return String(decoding: plain, as: UTF8.self)
        }
        var text = (isNegative ? "-" : "") + String(decoding: digits[..<1], as: UTF8.self)
        if digits.count > 1 { text += "." + String(decoding: digits[1...], as: UTF8.self) }
        return exponent == 0 ? text : text + "E\(exponent > 0 ? "+" : "")\(exponent)"
    }

    /// The last 64 bits of the part before the point, as `BigDecimal.longValue` has it.
    static func integer(_ text: String) -> Int64? {
        guard let number = DecimalNumber(Array(text.utf8)[...]), number.scale > -10_000 else { return nil }
        var value: UInt64 = 0
        let digits = number.digits.dropLast(max(0, number.scale))
        for digit in digits { value = value &* 10 &+ UInt64(digit &- 0x30) }
        for _ in 0..<max(0, -number.scale) { value = value &* 10 }
        return Int64(bitPattern: number.isNegative ? 0 &- value : value)
    }
}
