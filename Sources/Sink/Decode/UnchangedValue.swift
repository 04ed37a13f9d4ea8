import Shared

/// Recognises what Debezium writes for a large value that an update did not touch, in each of its forms.
enum UnchangedValue {
    /// Whether the value that comes next is the placeholder.
    static func isNext(_ scanner: JSONScanner, _ type: ColumnType) throws(DecodeError) -> Bool {
        var scanner = scanner
        switch type {
        case .text, .value(.text, _), .value(.json, _), .value(.paddedText, _), .value(.bytea, _):
            guard try scanner.peekKind() == .string else { return false }
            return isPlaceholder(scanner, try scanner.string())
        case .value(.hstore, _):
            if try scanner.peekKind() == .string { return isPlaceholder(scanner, try scanner.string()) }
            guard try scanner.peekKind() == .object else { return false }
            try scanner.openObject()
            guard let key = try scanner.nextKey() else { return false }
            return isPlaceholder(scanner, key)
        case .value(.array, _):
            guard try scanner.peekKind() == .array else { return false }
            return try isPlaceholderList(&scanner)
        default: return false
        }
    }

    /// A list of the placeholder alone, or of the numbers that its bytes are.
    private static func isPlaceholderList(_ scanner: inout JSONScanner) throws(DecodeError) -> Bool {
        try scanner.openArray()
        var numbers: [UInt8] = []
        while try scanner.nextElement() {
            switch try scanner.peekKind() {
            case .string:
                guard numbers.isEmpty, isPlaceholder(scanner, try scanner.string()) else { return false }
                return try !scanner.nextElement()
            case .number:
                let start = scanner.position
                let range = try scanner.number()
                guard range.count <= 3, numbers.count < 28 else { return false }
                var digits: [UInt8] = []
                scanner.appendRaw(start..<range.upperBound, to: &digits)
                guard let code = UInt8(String(decoding: digits, as: UTF8.self)) else { return false }
                numbers.append(code)
            default: return false
            }
        }
        return numbers == Array("__debezium_unavailable_value".utf8)
    }

    private static func isPlaceholder(_ scanner: borrowing JSONScanner, _ text: JSONScanner.Text) -> Bool {
        // As text, as base64, as JSON of an hstore, and as the name-based UUID of its bytes.
        scanner.matches(text, "__debezium_unavailable_value")
            || scanner.matches(text, "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==")
            || scanner.matches(
                text,
                #"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}"#
            )
            || scanner.matches(text, "b68a35a7-17ad-35b3-af2a-ae46edb4545a")
    }
}
