import ChangeEvents

/// Bytes and bit strings, which the JSON converter writes as base64.
enum BinaryDecoder {
    static func appendBytea(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if let schema, schema.kind != .bytes {
            // `binary.handling.mode` hex and base64 are both strings, and the schema does not say which.
            throw DecodeError(
                "the event's field is not of type bytes; set binary.handling.mode to bytes",
                at: 0
            )
        }
        bytes.append(contentsOf: #"\x"#.utf8)
        appendHex(try base64(&scanner), to: &bytes)
    }

    static func appendHex(_ value: [UInt8], to bytes: inout [UInt8]) {
        let digits: StaticString = "0123456789abcdef"
        digits.withUTF8Buffer { digits in
            for byte in value {
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
    }

    static func base64(_ scanner: inout JSONScanner) throws(DecodeError) -> [UInt8] {
        var text: [UInt8] = []
        try scanner.append(try scanner.string(), to: &text)
        guard let value = Base64.decode(text) else { throw DecodeError("no valid base64", at: 0) }
        return value
    }

    /// `bit(n)`: Debezium cuts leading zeros off, the column's length brings them back.
    static func appendBits(
        _ scanner: inout JSONScanner,
        length: Int,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if try scanner.peekKind() == .boolean {
            guard length == 1 else { throw DecodeError("a boolean is one bit, the column has more", at: 0) }
            bytes.append(try scanner.boolean() ? UInt8(ascii: "1") : UInt8(ascii: "0"))
            return
        }
        if let sourceLength = schema?.length, sourceLength != length {
            throw DecodeError("the source has \(sourceLength) bits, the column \(length)", at: 0)
        }
        let value = try base64(&scanner)
        guard bitCount(value) <= length else { throw DecodeError("more bits than the column has", at: 0) }
        append(value, length: length, to: &bytes)
    }

    /// `bit varying`: the event does not say how many leading zeros there were.
    static func appendVaryingBits(
        _ scanner: inout JSONScanner,
        limit: Int?,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if try scanner.peekKind() == .boolean {
            bytes.append(try scanner.boolean() ? UInt8(ascii: "1") : UInt8(ascii: "0"))
            return
        }
        let value = try base64(&scanner)
        // Only a value that fills the source's column to its first bit has no zeros before it.
        guard let length = schema?.length ?? limit, bitCount(value) == length else {
            throw DecodeError("the event does not say how many zeros the bit string begins with", at: 0)
        }
        append(value, length: length, to: &bytes)
    }

    /// The number of bits up to the highest one that is set; the first byte is the least significant.
    private static func bitCount(_ value: [UInt8]) -> Int {
        guard let last = value.lastIndex(where: { $0 != 0 }) else { return 0 }
        return last * 8 + 8 - value[last].leadingZeroBitCount
    }

    private static func append(_ value: [UInt8], length: Int, to bytes: inout [UInt8]) {
        for position in (0..<length).reversed() {
            let byte = position / 8 < value.count ? value[position / 8] : 0
            bytes.append(byte >> UInt8(position % 8) & 1 == 1 ? UInt8(ascii: "1") : UInt8(ascii: "0"))
        }
    }
}
