// Longer than other files: every byte of every record passes here, and its steps are inlined into each other. Skipping and
// compact texts have files of their own.
import Glibc

/// Walks over JSON text once, from left to right, without building anything.
///
/// The caller asks for what it expects, in order; what it does not need it skips. Skipping checks the syntax
/// too, so text that is not JSON (RFC 8259) is refused wherever the fault lies, except that strings are not
/// checked for valid UTF-8. Positions are byte offsets into the text.
public struct JSONScanner: ~Escapable {
    /// Deeper nesting is refused, so that hostile text cannot exhaust the stack.
    public static let maximumDepth = 128

    let bytes: RawSpan
    /// The byte that is looked at next.
    public internal(set) var position: Int
    let end: Int
    /// Whether an object or array was opened and nothing of it was read yet.
    private var isAtStart = false

    /// Scans all of `bytes`, or the part of it that `range` names.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, in range: Range<Int>? = nil) {
        let range = range ?? 0..<bytes.byteCount
        precondition(range.upperBound <= bytes.byteCount, "the range lies in the bytes")
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// A string's bytes between its quotes, as they stand in the text.
    public struct Text: Sendable {
        public let range: Range<Int>
        /// Whether escapes must be resolved before the bytes are the string.
        public let hasEscapes: Bool

        public init(range: Range<Int>, hasEscapes: Bool) {
            (self.range, self.hasEscapes) = (range, hasEscapes)
        }
    }

    /// What a value is, by its first byte.
    public enum Kind: Sendable {
        case object, array, string, number, boolean, null
    }

    // MARK: Looking

    /// The kind of the value that comes next.
    public mutating func peekKind() throws(DecodeError) -> Kind {
        skipWhitespace()
        guard let byte = byte(at: position) else {
            throw DecodeError("the JSON text ends too early", at: position)
        }
        switch byte {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw unreadable()
        }
    }

    /// The byte after the next value's first one, where `peekKind` has just been asked: it tells most values from a known one.
    public var secondByte: UInt8? { byte(at: position + 1) }

    /// What is wrong where no JSON value begins: a registry's wire format is named, for then no record will be better.
    ///
    /// Confluent's (and Apicurio's since 3) is the byte 0, a schema's number in four bytes, and the data.
    private func unreadable() -> DecodeError {
        guard position == 0, end >= 5, byte(at: 0) == 0 else {
            return DecodeError("no JSON value begins here", at: position)
        }
        let schema = (1...4).reduce(UInt32(0)) { $0 << 8 | UInt32(byte(at: $1) ?? 0) }
        return DecodeError(
            "this is the wire format of a schema registry (schema \(schema): Avro, Protobuf or JSON Schema): name its "
                + "converter, as the worker has it, in key.converter or value.converter",
            at: 0
        )
    }

    /// Whether a string is exactly this one.
    @inline(__always)
    public func matches(_ text: Text, _ name: StaticString) -> Bool {
        // Lengths differ mostly, and that is seen without a call.
        guard text.hasEscapes || text.range.count == name.utf8CodeUnitCount else { return false }
        return isEqual(text, name)
    }

    private func isEqual(_ text: Text, _ name: StaticString) -> Bool {
        if text.hasEscapes {
            return resolved(text).map { bytes in name.withUTF8Buffer { bytes.elementsEqual($0) } } ?? false
        }
        // SAFETY: the range of a Text lies in the bytes it was read from, and the lengths are equal.
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            return memcmp(base + text.range.lowerBound, name.utf8Start, text.range.count) == 0
        }
    }

    /// Whether a string is exactly these bytes.
    public func matches(_ text: Text, _ name: [UInt8]) -> Bool {
        matches(text, name, in: name.indices)
    }

    /// Whether a string is exactly this part of some bytes.
    public func matches(_ text: Text, _ names: [UInt8], in range: Range<Int>) -> Bool {
        if text.hasEscapes { return resolved(text).map { $0[...] == names[range] } ?? false }
        guard text.range.count == range.count else { return false }
        precondition(range.upperBound <= names.count, "the range lies in the names")
        // SAFETY: the range of a Text lies in the bytes it was read from, and the lengths are equal.
        return bytes.withUnsafeBytes { bytes in
            names.withUnsafeBytes { names in
                guard let base = bytes.baseAddress, let expected = names.baseAddress else { return true }
                return memcmp(base + text.range.lowerBound, expected + range.lowerBound, range.count) == 0
            }
        }
    }

    /// Whether a string begins with this one.
    public func matches(_ text: Text, prefix: StaticString) -> Bool {
        if text.hasEscapes {
            return resolved(text).map { bytes in prefix.withUTF8Buffer { bytes.starts(with: $0) } } ?? false
        }
        let count = prefix.utf8CodeUnitCount
        guard text.range.count >= count else { return false }
        let start = text.range.lowerBound
        return matches(Text(range: start..<(start + count), hasEscapes: false), prefix)
    }

    /// A string whose escapes are resolved; `nil` for one that is none.
    private func resolved(_ text: Text) -> [UInt8]? {
        var target: [UInt8] = []
        do throws(DecodeError) {
            try append(text, to: &target)
        } catch {
            return nil
        }
        return target
    }

    // MARK: Objects and arrays

    /// Enters an object; then call `nextKey` until it returns `nil`, consuming each value in between.
    public mutating func openObject() throws(DecodeError) {
        try expect(UInt8(ascii: "{"), "an object")
        isAtStart = true
    }

    /// The next member's key, or `nil` at the object's end, which is consumed.
    public mutating func nextKey() throws(DecodeError) -> Text? {
        guard try advance(to: UInt8(ascii: "}")) else { return nil }
        let key = try string()
        try expect(UInt8(ascii: ":"), "a colon")
        return key
    }

    /// Enters an array; then call `nextElement` until it returns false, consuming each value in between.
    public mutating func openArray() throws(DecodeError) {
        try expect(UInt8(ascii: "["), "an array")
        isAtStart = true
    }

    /// Whether another element follows; the array's end is consumed.
    public mutating func nextElement() throws(DecodeError) -> Bool {
        try advance(to: UInt8(ascii: "]"))
    }

    /// Steps over a comma where one belongs; false when `closing` came and was consumed.
    private mutating func advance(to closing: UInt8) throws(DecodeError) -> Bool {
        skipWhitespace()
        if byte(at: position) == closing {
            position += 1
            isAtStart = false
            return false
        }
        if !isAtStart {
            try expect(UInt8(ascii: ","), "a comma or the end")
            skipWhitespace()
        }
        isAtStart = false
        return true
    }

    // MARK: Values

    /// Consumes `null` if that is what comes next.
    public mutating func consumeNull() throws(DecodeError) -> Bool {
        guard try peekKind() == .null else { return false }
        try literal("null")
        return true
    }

    /// Consumes the next value if it stands there as exactly these bytes, which must be a whole value.
    public mutating func consume(_ value: [UInt8]) -> Bool {
        skipWhitespace()
        guard position + value.count <= end,
            matches(Text(range: position..<(position + value.count), hasEscapes: false), value)
        else { return false }
        position += value.count
        return true
    }

    public mutating func boolean() throws(DecodeError) -> Bool {
        guard try peekKind() == .boolean else { throw DecodeError("expected true or false", at: position) }
        let value = byte(at: position) == UInt8(ascii: "t")
        try literal(value ? "true" : "false")
        return value
    }

    /// A number without fraction or exponent that fits 64 bits.
    public mutating func integer() throws(DecodeError) -> Int64 {
        skipWhitespace()
        let start = position
        let isNegative = byte(at: position) == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var value: Int64 = 0
        let firstDigit = position
        while let digit = byte(at: position), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            // Counts downwards, because the negative range is the larger one.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (difference, underflow) = product.subtractingReportingOverflow(Int64(digit &- 48))
            if overflow || underflow { throw DecodeError("the integer does not fit 64 bits", at: start) }
            value = difference
            position += 1
        }
        let digitCount = position - firstDigit
        guard digitCount > 0 else { throw DecodeError("expected an integer", at: start) }
        if digitCount > 1, byte(at: firstDigit) == UInt8(ascii: "0") {
            throw DecodeError("a number must not begin with 0", at: start)
        }
        if let next = byte(at: position), next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") {
            throw DecodeError("expected an integer, found a fraction", at: start)
        }
        if isNegative { return value }
        guard value != .min else { throw DecodeError("the integer does not fit 64 bits", at: start) }
        return -value
    }

    /// Any number, as its text.
    public mutating func number() throws(DecodeError) -> Range<Int> {
        skipWhitespace()
        let start = position
        if byte(at: position) == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try digits()
        if position - firstDigit > 1, byte(at: firstDigit) == UInt8(ascii: "0") {
            throw DecodeError("a number must not begin with 0", at: start)
        }
        if byte(at: position) == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if let exponent = byte(at: position), exponent | 0x20 == UInt8(ascii: "e") {
            position += 1
            if let sign = byte(at: position), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return start..<position
    }

    /// A string; its escapes are checked, not resolved.
    public mutating func string() throws(DecodeError) -> Text {
        if byte(at: position) == UInt8(ascii: "\""), let quote = endOfPlainString(from: position + 1) {
            let start = position + 1
            position = quote + 1
            return Text(range: start..<quote, hasEscapes: false)
        }
        return try unusualString()
    }

    private mutating func unusualString() throws(DecodeError) -> Text {
        try expect(UInt8(ascii: "\""), "a string")
        let start = position
        var hasEscapes = false
        while let byte = byte(at: position) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return Text(range: start..<(position - 1), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20: throw DecodeError("an unescaped control character in a string", at: position)
            default: position += 1
            }
        }
        throw DecodeError("the string does not end", at: start)
    }

    /// Checks that nothing but white space follows.
    public mutating func finish() throws(DecodeError) {
        skipWhitespace()
        guard position == end else { throw DecodeError("text after the JSON value", at: position) }
    }

    // MARK: Resolving strings

    /// Appends the string that `text` stands for, in UTF-8.
    ///
    /// - Throws: `DecodeError` for half of a surrogate pair.
    public func append(_ text: Text, to target: inout [UInt8]) throws(DecodeError) {
        let range = text.range
        guard text.hasEscapes else {
            bytes.extracting(range).withUnsafeBytes { target.append(contentsOf: $0) }
            return
        }
        try JSONEscapes.resolve(bytes, range, into: &target)
    }

    /// The string that `text` stands for.
    public func value(of text: Text) throws(DecodeError) -> String {
        var target: [UInt8] = []
        try append(text, to: &target)
        return String(decoding: target, as: UTF8.self)
    }

    /// Appends bytes of the text as they stand.
    public func appendRaw(_ range: Range<Int>, to target: inout [UInt8]) {
        bytes.extracting(range).withUnsafeBytes { target.append(contentsOf: $0) }
    }

    // MARK: Bytes

    @inline(__always)
    func byte(at position: Int) -> UInt8? {
        guard position < end else { return nil }
        // SAFETY: `end` is at most the number of bytes, checked in `init`, and positions only grow from 0.
        return bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }

    @inline(__always)
    mutating func skipWhitespace() {
        // Converters write none.
        if let byte = byte(at: position), byte > 0x20 { return }
        while let byte = byte(at: position), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    @inline(__always)
    mutating func expect(_ expected: UInt8, _ what: StaticString) throws(DecodeError) {
        skipWhitespace()
        guard byte(at: position) == expected else { throw DecodeError("expected \(what)", at: position) }
        position += 1
    }

    mutating func literal(_ word: StaticString) throws(DecodeError) {
        let length = word.utf8CodeUnitCount
        guard position + length <= end,
            matches(Text(range: position..<(position + length), hasEscapes: false), word)
        else { throw DecodeError("expected \(word)", at: position) }
        position += length
    }

    private mutating func digits() throws(DecodeError) {
        let start = position
        while let digit = byte(at: position), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            position += 1
        }
        guard position > start else { throw DecodeError("expected a digit", at: position) }
    }

    private mutating func escape() throws(DecodeError) {
        let start = position
        position += 1
        guard let kind = byte(at: position) else { throw DecodeError("the string does not end", at: start) }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = byte(at: position), JSONEscapes.hexadecimalValue(digit) != nil else {
                    throw DecodeError("expected four hexadecimal digits", at: start)
                }
                position += 1
            }
        default: throw DecodeError("no such escape", at: start)
        }
    }
}
