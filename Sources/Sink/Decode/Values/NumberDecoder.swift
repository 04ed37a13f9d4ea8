import ChangeEvents

/// Numbers in all the forms that Connect writes them, as decimal text.
enum NumberDecoder {
    /// - Parameter maximumDigits: more than these would be rounded by the column's type.
    static func appendFloat(
        _ scanner: inout JSONScanner,
        _ maximumDigits: Int,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        var text: [UInt8] = []
        let kind = try scanner.peekKind()
        if kind == .string && schema?.kind == .bytes || kind == .object {
            text = try decimalText(&scanner, nil, schema)
        } else if kind == .string {
            // NaN and the infinities are no JSON numbers: Debezium writes them as strings.
            try scanner.append(try scanner.string(), to: &text)
            if let special = special(text) {
                bytes.append(contentsOf: special.utf8)
                return
            }
        } else {
            scanner.appendRaw(try scanner.number(), to: &text)
        }
        guard let number = DecimalNumber(text[...]) else {
            throw DecodeError("expected a number", at: 0)
        }
        guard number.significantDigitCount <= maximumDigits else {
            throw DecodeError("the number has more digits than the column's type holds", at: 0)
        }
        bytes.append(contentsOf: text)
    }

    static func appendNumeric(
        _ scanner: inout JSONScanner,
        _ columnScale: Int?,
        _ schema: FieldSchema?,
        rounds: Bool = false,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        let text = try decimalText(&scanner, columnScale, schema)
        if let special = special(text) {
            bytes.append(contentsOf: special.utf8)
            return
        }
        guard let number = DecimalNumber(text[...]) else { throw DecodeError("expected a number", at: 0) }
        if let columnScale, !rounds, number.significantScale > columnScale {
            throw DecodeError("the number has more digits after the point than the column", at: 0)
        }
        bytes.append(contentsOf: text)
    }

    /// The decimal text of a number in any form: a number, text or base64 of one, or an object with its scale.
    ///
    /// - Parameter columnScale: where the point is in base64 without a schema.
    static func decimalText(
        _ scanner: inout JSONScanner,
        _ columnScale: Int?,
        _ schema: FieldSchema?
    ) throws(DecodeError) -> [UInt8] {
        var text: [UInt8] = []
        switch try scanner.peekKind() {
        case .number: scanner.appendRaw(try scanner.number(), to: &text)
        case .string:
            try scanner.append(try scanner.string(), to: &text)
            text = try decimal(text, columnScale, schema)
        case .object: text = try variableScaleDecimal(&scanner)
        default: throw DecodeError("expected a number", at: scanner.position)
        }
        return text
    }

    /// The decimal text that a string stands for: itself, or base64 of the unscaled integer.
    private static func decimal(
        _ text: [UInt8],
        _ columnScale: Int?,
        _ schema: FieldSchema?
    ) throws(DecodeError) -> [UInt8] {
        if let schema {
            guard schema.kind == .bytes else { return text }
            guard schema.semantic == .decimal, let scale = schema.scale else {
                throw DecodeError("the event's schema does not say how these bytes are a number", at: 0)
            }
            return try decimal(base64: text, scale)
        }
        let isNumber = special(text) != nil || DecimalNumber(text[...]) != nil
        let isBase64 = Base64.decode(text) != nil
        if isNumber && isBase64 {
            throw DecodeError(
                "the text could be a number or base64 of one; only a schema can tell (schemas.enable)",
                at: 0
            )
        }
        if isNumber { return text }
        guard let columnScale else {
            throw DecodeError(
                "bytes without a schema, and a column without a scale, do not say where the point is",
                at: 0
            )
        }
        return try decimal(base64: text, columnScale)
    }

    private static func decimal(base64 text: [UInt8], _ scale: Int) throws(DecodeError) -> [UInt8] {
        // The widest numeric has 131072 digits before and 16383 after the point.
        guard let unscaled = Base64.decode(text), !unscaled.isEmpty, unscaled.count <= 65_536,
            scale.magnitude <= 131_072
        else { throw DecodeError("no decimal number in base64", at: 0) }
        var result: [UInt8] = []
        DecimalNumber.append(unscaled: unscaled, scale: scale, to: &result)
        return result
    }

    private static func variableScaleDecimal(_ scanner: inout JSONScanner) throws(DecodeError) -> [UInt8] {
        var scale: Int? = nil
        var value: [UInt8]? = nil
        try scanner.openObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "scale") {
                scale = Int(try scanner.integer())
            } else if scanner.matches(key, "value") {
                var text: [UInt8] = []
                try scanner.append(try scanner.string(), to: &text)
                value = text
            } else {
                throw DecodeError(
                    "no decimal number: an object must have scale and value",
                    at: scanner.position
                )
            }
        }
        guard let scale, let value else {
            throw DecodeError("no decimal number: an object must have scale and value", at: scanner.position)
        }
        return try decimal(base64: value, scale)
    }

    private static func special(_ text: [UInt8]) -> String? {
        // A number ends with a digit or a point: most texts are told from the words by that.
        guard text.count <= 9, let last = text.last, "nNyY".utf8.contains(last) else { return nil }
        switch String(decoding: text, as: UTF8.self).lowercasedASCII {
        case "nan": return "NaN"
        case "infinity", "+infinity": return "Infinity"
        case "-infinity": return "-Infinity"
        default: return nil
        }
    }
}
