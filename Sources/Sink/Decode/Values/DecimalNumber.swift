/// A decimal number of any size, exactly: digits and how many of them stand after the point.
struct DecimalNumber {
    let isNegative: Bool
    /// ASCII digits without point, not empty.
    let digits: [UInt8]
    /// May be negative: zeros that follow the digits.
    let scale: Int

    /// Reads `-12.50`, `.5`, `1E+3`; `nil` for anything else.
    init?(_ text: ArraySlice<UInt8>) {
        var rest = text
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        var digits: [UInt8] = []
        var scale = 0
        var hasPoint = false
        while let byte = rest.first {
            if (0x30...0x39).contains(byte) {
                digits.append(byte)
                if hasPoint { scale += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard !digits.isEmpty else { return nil }
        if let mark = rest.first {
            guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"), rest.count <= 8,
                let exponent = Int(String(decoding: rest.dropFirst(), as: UTF8.self))
            else { return nil }
            scale -= exponent
        }
        (self.isNegative, self.digits, self.scale) = (isNegative, digits, scale)
    }

    /// Digits after the point that are needed to write the number.
    var significantScale: Int {
        let zeros = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        return zeros == digits.count ? 0 : scale - zeros
    }

    /// Digits between the first and the last that are not zero.
    var significantDigitCount: Int {
        let trailing = digits.reversed().prefix { $0 == UInt8(ascii: "0") }.count
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        return max(0, digits.count - trailing - leading)
    }

    /// Appends a text that is the same for equal numbers.
    func appendCanonical(to bytes: inout [UInt8]) {
        let first = digits.firstIndex { $0 != UInt8(ascii: "0") }
        guard let first else {
            bytes.append(UInt8(ascii: "0"))
            return
        }
        let last = digits.lastIndex { $0 != UInt8(ascii: "0") } ?? first
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: digits[first...last])
        let exponent = digits.count - 1 - last - scale
        if exponent != 0 { bytes.append(contentsOf: "e\(exponent)".utf8) }
    }

    /// Appends the decimal text of a big-endian two's complement integer, with the point `scale` digits from
    /// its end.
    static func append(unscaled: [UInt8], scale: Int, to bytes: inout [UInt8]) {
        let isNegative = (unscaled.first ?? 0) & 0x80 != 0
        var magnitude = unscaled
        if isNegative {
            var carry = true
            for index in magnitude.indices.reversed() {
                magnitude[index] = ~magnitude[index] &+ (carry ? 1 : 0)
                carry = carry && magnitude[index] == 0
            }
        }
        var digits = decimalDigits(magnitude)
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        if scale < 0 {
            if digits != [0x30] { digits += [UInt8](repeating: 0x30, count: -scale) }
            bytes.append(contentsOf: digits)
            return
        }
        if digits.count <= scale {
            digits = [UInt8](repeating: 0x30, count: scale + 1 - digits.count) + digits
        }
        bytes.append(contentsOf: digits.dropLast(scale))
        if scale > 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(contentsOf: digits.suffix(scale))
        }
    }

    /// The digits of a big-endian magnitude, by long multiplication in base 1,000,000,000.
    private static func decimalDigits(_ magnitude: [UInt8]) -> [UInt8] {
        var limbs: [UInt64] = [0]
        for byte in magnitude {
            var carry = UInt64(byte)
            for index in limbs.indices {
                let value = limbs[index] << 8 + carry
                limbs[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        var digits: [UInt8] = []
        for (index, limb) in limbs.reversed().enumerated() {
            let text = Array(String(limb).utf8)
            if index > 0 { digits += [UInt8](repeating: 0x30, count: 9 - text.count) }
            digits += text
        }
        return digits
    }
}
