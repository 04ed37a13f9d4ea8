import ChangeEvents

/// Gives equal keys equal bytes, so that a batch finds them to be one row.
///
/// What has no form of its own here is told apart by the server: `KeyEquality` says which.
enum KeyText {
    static func normalize(
        _ form: ValueForm,
        isUUID: Bool = false,
        from start: Int,
        in bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch form {
        case .text where isUUID: normalizeUUID(from: start, in: &bytes)
        case .paddedText:
            while bytes.count > start, bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        case .numeric:
            guard let number = DecimalNumber(bytes[start...]) else { return }
            bytes.removeSubrange(start...)
            number.appendCanonical(to: &bytes)
        case .float(let maximumDigits): normalizeFloat(maximumDigits, from: start, in: &bytes)
        case .time where bytes.count - start == 5:
            // `04:05` and `04:05:00` are one time.
            bytes.append(contentsOf: ":00".utf8)
        default: return
        }
    }

    /// The shortest text of the number that the column's type holds: many decimals are one binary number.
    ///
    /// What is beyond the type's range stays, and the server refuses it.
    private static func normalizeFloat(_ maximumDigits: Int, from start: Int, in bytes: inout [UInt8]) {
        guard let number = DecimalNumber(bytes[start...]) else { return }
        let text = String(decoding: bytes[start...], as: UTF8.self)
        let isZero = number.significantDigitCount == 0
        let canonical: String
        if maximumDigits < 17 {
            guard let value = Float(text), value.isFinite, value != 0 || isZero else { return }
            canonical = "\(value)"
        } else {
            guard let value = Double(text), value.isFinite, value != 0 || isZero else { return }
            canonical = "\(value)"
        }
        bytes.removeSubrange(start...)
        // Zero has two signs, and they are equal.
        bytes.append(contentsOf: isZero ? "0".utf8 : canonical.utf8)
    }

    /// `8b0c2d1e-0000-4000-8000-00000000abcd` of every spelling that PostgreSQL reads: capitals, braces, hyphens left
    /// out or after other groups of four digits.
    ///
    /// What is not one of them stays, and the server refuses it.
    private static func normalizeUUID(from start: Int, in bytes: inout [UInt8]) {
        guard !isPlainUUID(bytes, from: start) else { return }
        var rest = bytes[start...]
        if rest.first == UInt8(ascii: "{"), rest.last == UInt8(ascii: "}") {
            rest = rest.dropFirst().dropLast()
        }
        var digits: [UInt8] = []
        for byte in rest {
            switch byte {
            case 0x30...0x39, 0x61...0x66: digits.append(byte)
            case 0x41...0x46: digits.append(byte | 0x20)
            case UInt8(ascii: "-") where digits.count % 4 == 0: continue
            default: return
            }
        }
        guard digits.count == 32 else { return }
        bytes.removeSubrange(start...)
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { bytes.append(UInt8(ascii: "-")) }
            bytes.append(digit)
        }
    }

    private static func isPlainUUID(_ bytes: [UInt8], from start: Int) -> Bool {
        guard bytes.count - start == 36 else { return false }
        for index in 0..<36 {
            let byte = bytes[start + index]
            switch index {
            case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
            default: if !((0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)) { return false }
            }
        }
        return true
    }
}
