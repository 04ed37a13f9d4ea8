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
        _ = try peekKind()
        let start = position
        try skip(depth: 0)
        return start..<position
    }

    /// - Parameter depth: how many objects and arrays are open around the value.
    private mutating func skip(depth: Int) throws(DecodeError) {
        let kind = try peekKind()
        switch kind {
        case .string: _ = try string()
        case .number: _ = try number()
        case .boolean: _ = try boolean()
        case .null: try literal("null")
        case .object, .array:
            guard depth < Self.maximumDepth else {
                throw DecodeError("the JSON is nested too deeply", at: position)
            }
            try skipMembers(of: kind, depth: depth + 1)
        }
    }

    private mutating func skipMembers(of kind: Kind, depth: Int) throws(DecodeError) {
        let end = kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
        position += 1
        skipWhitespace()
        if byte(at: position) == end {
            position += 1
            return
        }
        while true {
            if kind == .object {
                skipWhitespace()
                _ = try string()
                try expect(UInt8(ascii: ":"), "a colon")
            }
            try skip(depth: depth)
            skipWhitespace()
            switch byte(at: position) {
            case UInt8(ascii: ","): position += 1
            case end:
                position += 1
                return
            default: throw DecodeError("expected a comma or the end", at: position)
            }
        }
    }
}
