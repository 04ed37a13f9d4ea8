/// Stepping over values that nobody wants to see, which is most of a change event.
extension JSONScanner {
    /// Steps over any value and returns where it lay.
    ///
    /// - Throws: `DecodeError` when it is not JSON, or nested deeper than `maximumDepth`.
    @discardableResult
    public mutating func skipValue() throws(DecodeError) -> Range<Int> {
        if let end = endOfCompactValue() {
            let start = position
            position = end
            return start..<end
        }
        let kind = try peekKind()
        let start = position
        if kind == .object || kind == .array {
            try skipNested()
        } else {
            try skipScalar(kind)
        }
        return start..<position
    }

    private mutating func skipScalar(_ kind: Kind) throws(DecodeError) {
        switch kind {
        case .string: _ = try string()
        case .number: _ = try number()
        case .boolean: _ = try boolean()
        case .null: try literal("null")
        case .object, .array: preconditionFailure("not a scalar")
        }
    }

    /// Steps over an object or array without recursion.
    private mutating func skipNested() throws(DecodeError) {
        // A bit for each open level, the innermost one lowest: set for an object.
        var levels: UInt128 = 0
        var depth = 0
        while true {
            let kind = try peekKind()
            if kind == .object || kind == .array {
                guard depth < Self.maximumDepth else {
                    throw DecodeError("the JSON is nested too deeply", at: position)
                }
                position += 1
                depth += 1
                levels = levels << 1 | (kind == .object ? 1 : 0)
                skipWhitespace()
                if byte(at: position) != Self.closing(levels) {
                    if levels & 1 == 1 { try skipKey() }
                    continue
                }
            } else {
                try skipScalar(kind)
            }
            // Behind a value: the next one, or the ends of all levels that end here.
            while true {
                skipWhitespace()
                let next = byte(at: position)
                if next == UInt8(ascii: ",") {
                    position += 1
                    if levels & 1 == 1 { try skipKey() }
                    break
                }
                guard next == Self.closing(levels) else {
                    throw DecodeError("expected a comma or the end", at: position)
                }
                position += 1
                depth -= 1
                levels >>= 1
                if depth == 0 { return }
            }
        }
    }

    private static func closing(_ levels: UInt128) -> UInt8 {
        levels & 1 == 1 ? UInt8(ascii: "}") : UInt8(ascii: "]")
    }

    private mutating func skipKey() throws(DecodeError) {
        skipWhitespace()
        _ = try string()
        try expect(UInt8(ascii: ":"), "a colon")
    }
}
