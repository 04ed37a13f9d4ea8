/// Resolves the escapes of JSON strings (RFC 8259, section 7).
enum JSONEscapes {
    /// Appends the string that lies escaped in `range`, whose escapes are known to be well-formed.
    ///
    /// - Throws: `DecodeError` for half of a surrogate pair, which is no character.
    static func resolve(
        _ bytes: RawSpan,
        _ range: Range<Int>,
        into target: inout [UInt8]
    ) throws(DecodeError) {
        var position = range.lowerBound
        func byte(_ position: Int) -> UInt8 { bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) }
        while position < range.upperBound {
            guard byte(position) == UInt8(ascii: "\\") else {
                target.append(byte(position))
                position += 1
                continue
            }
            let start = position
            let kind = byte(position + 1)
            position += 2
            switch kind {
            case UInt8(ascii: "b"): target.append(0x08)
            case UInt8(ascii: "f"): target.append(0x0C)
            case UInt8(ascii: "n"): target.append(0x0A)
            case UInt8(ascii: "r"): target.append(0x0D)
            case UInt8(ascii: "t"): target.append(0x09)
            case UInt8(ascii: "u"):
                var unit = hexadecimal(bytes, at: position)
                position += 4
                if (0xD800..<0xDC00).contains(unit), position + 6 <= range.upperBound,
                    byte(position) == UInt8(ascii: "\\"), byte(position + 1) == UInt8(ascii: "u")
                {
                    let low = hexadecimal(bytes, at: position + 2)
                    if (0xDC00..<0xE000).contains(low) {
                        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                        position += 6
                    }
                }
                guard let scalar = Unicode.Scalar(unit) else {
                    throw DecodeError("half of a surrogate pair", at: start)
                }
                target.append(contentsOf: Character(scalar).utf8)
            default: target.append(kind)
            }
        }
    }

    static func hexadecimalValue(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt32(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return UInt32(digit - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return UInt32(digit - UInt8(ascii: "A") + 10)
        default: return nil
        }
    }

    private static func hexadecimal(_ bytes: RawSpan, at position: Int) -> UInt32 {
        (0..<4).reduce(0) { value, index in
            let digit = bytes.unsafeLoad(fromByteOffset: position + index, as: UInt8.self)
            return value << 4 | (hexadecimalValue(digit) ?? 0)
        }
    }
}
