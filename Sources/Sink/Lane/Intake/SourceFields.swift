import ChangeEvents

/// Reads the fields of a record's `source` block that its table's name is made of.
///
/// Holds the bytes of the record in hand, so that a known combination is found without a string.
struct SourceFields {
    private let names: [String]
    private let takesEnvelopes: Bool
    private let sourceNames: [[UInt8]]
    /// As `ExtractNewRecordState` writes them with `add.fields`: `source.table` and `table`.
    private let flatNames: [[[UInt8]]]
    private var places: [Range<Int>?]
    /// The values as they stand in the record, one after the other.
    private(set) var key: [UInt8] = []

    /// - Parameter takesEnvelopes: false where each record is a row, whatever its columns are called.
    init(_ names: [String], takesEnvelopes: Bool = true) {
        (self.names, self.takesEnvelopes) = (names, takesEnvelopes)
        sourceNames = names.map { Array($0.utf8) }
        flatNames = names.map { [Array("__source_\($0)".utf8), Array("__\($0)".utf8)] }
        places = names.map { _ in nil }
    }

    var isEmpty: Bool { names.isEmpty }

    /// Reads the values of a record.
    ///
    /// - Returns: false for a record that has none and changes no row: a tombstone, a message.
    /// - Throws: `DecodeError` where a change does not have them.
    mutating func read(_ value: RawSpan?, topicIndex: Int) throws(DecodeError) -> Bool {
        guard let value else { return false }
        for index in places.indices { places[index] = nil }
        switch try RecordValue(value, takesEnvelopes: takesEnvelopes) {
        case .null: return false
        case .envelope(let envelope):
            guard envelope.operation != .message, let source = envelope.source else { return false }
            try scan(value, source, isFlat: false)
        case .row(let range, _): try scan(value, range, isFlat: true)
        }
        key.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: topicIndex) { key.append(contentsOf: $0) }
        let scanner = JSONScanner(value)
        for (index, place) in places.enumerated() {
            guard let place, !place.isEmpty else {
                throw DecodeError(
                    "the record has no source.\(names[index]), which collection.name.format needs; a flattened "
                        + "record has it as __source_\(names[index]) with add.fields=source.\(names[index])",
                    at: 0
                )
            }
            scanner.appendRaw(place, to: &key)
            key.append(0)
        }
        return true
    }

    private mutating func scan(_ value: RawSpan, _ range: Range<Int>, isFlat: Bool) throws(DecodeError) {
        var scanner = JSONScanner(value, in: range)
        try scanner.openObject()
        while let name = try scanner.nextKey() {
            let index =
                isFlat
                ? flatNames.firstIndex { $0.contains { scanner.matches(name, $0) } }
                : sourceNames.firstIndex { scanner.matches(name, $0) }
            guard let index else {
                try scanner.skipValue()
                continue
            }
            switch try scanner.peekKind() {
            case .string: places[index] = try scanner.string().range
            case .number: places[index] = try scanner.skipValue()
            default: try scanner.skipValue()
            }
        }
    }

    /// The values as text.
    ///
    /// - Throws: `DecodeError` for a value with a dot, which would be read as schema and table.
    func values(_ value: RawSpan) throws(DecodeError) -> [String] {
        let scanner = JSONScanner(value)
        var texts: [String] = []
        for (name, place) in zip(names, places) {
            guard let place else { preconditionFailure("the values were read") }
            let text = try scanner.value(of: JSONScanner.Text(range: place, hasEscapes: true))
            guard !text.unicodeScalars.contains(".") else {
                throw DecodeError(
                    "source.\(name) has a dot, which would separate schema and table",
                    at: place.lowerBound
                )
            }
            texts.append(text)
        }
        return texts
    }
}
