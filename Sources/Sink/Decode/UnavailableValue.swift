import ChangeEvents

/// What Debezium writes instead of a large (TOASTed) value that an update did not change.
///
/// "Toasted values" in the documentation of Debezium's PostgreSQL connector; its type decides the form.
struct UnavailableValue {
    /// Debezium's default of `unavailable.value.placeholder`.
    static let defaultText = "__debezium_unavailable_value"

    /// The text itself: all that a column of text can have.
    private let text: [UInt8]
    /// As bytes, in arrays, in maps.
    private let otherForms: [[UInt8]]
    /// By byte, whether a form has it in the second place: nearly all other values are told by it.
    private let isSecond: [Bool]

    init(_ placeholder: String) {
        let bytes = Array(placeholder.utf8)
        let quoted = String(decoding: JSONText.quoted(bytes), as: UTF8.self)
        let base64 = "\"\(Base64.encode(bytes))\""
        let hex =
            "\""
            + bytes.map { byte in
                let digits = String(byte, radix: 16)
                return digits.utf8.count == 1 ? "0" + digits : digits
            }.joined() + "\""
        let codes = bytes.map { String($0) }.joined(separator: ",")
        var forms = [
            base64, hex, "[\(quoted)]", "[\(base64)]", "[\(codes)]", "{\(quoted):\(quoted)}",
            // An hstore as JSON in a string.
            String(decoding: JSONText.quoted(Array("{\(quoted):\(quoted)}".utf8)), as: UTF8.self),
        ]
        if placeholder == Self.defaultText {
            // The name-based UUID of the text's bytes.
            forms.append("[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]")
        }
        text = Array(quoted.utf8)
        otherForms = forms.map { Array($0.utf8) }
        var isSecond = [Bool](repeating: false, count: 256)
        for form in [text] + otherForms { isSecond[Int(form[1])] = true }
        self.isSecond = isSecond
    }

    /// Consumes the next value if it is the placeholder.
    func consume(_ scanner: inout JSONScanner, of column: Column) -> Bool {
        switch try? scanner.peekKind() {
        case .string, .array, .object: break
        default: return false
        }
        guard let second = scanner.secondByte, isSecond[Int(second)] else { return false }
        if scanner.consume(text) { return true }
        // In a text column these are nothing but unusual text.
        if column.isText { return false }
        return otherForms.contains { scanner.consume($0) }
    }
}
