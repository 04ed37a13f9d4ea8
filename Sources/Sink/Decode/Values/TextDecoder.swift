import ChangeEvents

/// Strings that go to the server as they are.
enum TextDecoder {
    /// - Parameters:
    ///   - limit: characters that the column takes; it would cut blanks after them silently.
    ///   - byteLimit: bytes that the type takes; it would cut silently.
    ///   - isText: whether the column takes the text of values that are none.
    static func append(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        limit: Int? = nil,
        byteLimit: Int? = nil,
        isText: Bool = true,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        let start = bytes.count
        if let schema, schema.kind != .string {
            let refusal = DecodeError("the event's field is no string, the column's type reads text", at: 0)
            guard isText else { throw refusal }
            try AssignmentCast.text(&scanner, schema, refusal, to: &bytes)
        } else {
            let before = scanner
            do throws(DecodeError) {
                try scanner.append(try scanner.string(), to: &bytes)
            } catch {
                guard isText else { throw error }
                bytes.removeLast(bytes.count - start)
                scanner = before
                try AssignmentCast.text(&scanner, schema, error, to: &bytes)
            }
        }
        try check(bytes, from: start)
        if let byteLimit, bytes.count - start > byteLimit {
            throw DecodeError("the text is longer than the column's type takes", at: 0)
        }
        if let limit, bytes.count - start > limit {
            let characters = bytes[start...].reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            guard characters <= limit else { throw DecodeError("the text is longer than the column", at: 0) }
        }
    }

    /// Refuses what PostgreSQL cannot store in any text.
    static func check(_ bytes: [UInt8], from start: Int) throws(DecodeError) {
        let text = bytes.span.extracting(start..<bytes.count)
        if bytes[start...].contains(0) {
            throw DecodeError("the text has a NUL character, which PostgreSQL cannot store", at: 0)
        }
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw DecodeError("the text is no valid UTF-8", at: 0)
        }
    }
}
