/// The rows of a CSV document (RFC 4180), on bytes: a quoted field may have commas, line ends and doubled
/// quotes.
struct CSVRows: IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The fields of the next line that is not empty; `nil` at the end.
    mutating func next() -> [[UInt8]]? {
        rest = rest.drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        guard !rest.isEmpty else { return nil }
        var fields: [[UInt8]] = [[]]
        var isQuoted = false
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && rest.first == byte:
                rest.removeFirst()
                fields[fields.count - 1].append(byte)
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: fields.append([])
            case UInt8(ascii: "\n") where !isQuoted, UInt8(ascii: "\r") where !isQuoted: return fields
            default: fields[fields.count - 1].append(byte)
            }
        }
        return fields
    }
}
