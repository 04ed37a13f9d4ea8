import ChangeEvents

/// JSON lists as PostgreSQL's array literals (manual, section "Array Input and Output Syntax").
struct ArrayDecoder {
    private let element: ValueForm
    private let schema: FieldSchema?
    /// The length of each dimension, as the first list of it has it.
    private var lengths: [Int] = []
    /// How deep elements lie, known with the first.
    private var leafDepth: Int?

    static func append(
        _ scanner: inout JSONScanner,
        _ element: ValueForm,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        guard try scanner.peekKind() == .array else {
            throw DecodeError("expected a list for an array", at: scanner.position)
        }
        var decoder = ArrayDecoder(element: element, schema: schema)
        try decoder.appendList(&scanner, depth: 0, to: &bytes)
    }

    private init(element: ValueForm, schema: FieldSchema?) {
        self.element = element
        // A list in a list has a schema of its own in between.
        var items = schema?.items.first
        while let inner = items?.items.first { items = inner }
        self.schema = items
    }

    private mutating func appendList(
        _ scanner: inout JSONScanner,
        depth: Int,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        guard depth < 6 else {
            throw DecodeError("an array has at most six dimensions", at: scanner.position)
        }
        let start = scanner.position
        bytes.append(UInt8(ascii: "{"))
        var count = 0
        try scanner.openArray()
        while try scanner.nextElement() {
            if count > 0 { bytes.append(UInt8(ascii: ",")) }
            count += 1
            if try scanner.peekKind() == .array, element.isNoList {
                if let leafDepth, leafDepth <= depth { throw Self.ragged(start) }
                try appendList(&scanner, depth: depth + 1, to: &bytes)
            } else {
                guard leafDepth ?? depth == depth, lengths.count <= depth + 1 else {
                    throw Self.ragged(start)
                }
                leafDepth = depth
                try appendElement(&scanner, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
        while lengths.count <= depth { lengths.append(-1) }
        if lengths[depth] < 0 { lengths[depth] = count }
        guard lengths[depth] == count, depth == 0 || count > 0 else { throw Self.ragged(start) }
    }

    private func appendElement(_ scanner: inout JSONScanner, to bytes: inout [UInt8]) throws(DecodeError) {
        if try scanner.consumeNull() {
            bytes.append(contentsOf: "NULL".utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        var text: [UInt8] = []
        try ValueDecoder.append(&scanner, element, schema, to: &text)
        if Self.isObjectName(text) {
            throw DecodeError("the source connector lost the inner lists of an array", at: scanner.position)
        }
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// What Debezium makes of the inner lists of a text array: Java's `[Ljava.lang.String;@6d971024`.
    private static func isObjectName(_ text: [UInt8]) -> Bool {
        guard text.starts(with: "[Ljava.lang.".utf8), let mark = text.firstIndex(of: UInt8(ascii: "@")),
            text[mark - 1] == UInt8(ascii: ";")
        else { return false }
        let digits = text[(mark + 1)...]
        return !digits.isEmpty && digits.count <= 8
            && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func ragged(_ position: Int) -> DecodeError {
        DecodeError("the lists of an array differ in length or depth", at: position)
    }
}

extension ValueForm {
    /// Whether a list can only be another dimension of an array of these.
    fileprivate var isNoList: Bool {
        if case .vector = self { return false }
        return true
    }
}
