/// The quick way over JSON without white space, which is how converters write it.
///
/// It only says where well-formed text ends. Whatever is unusual, white space included, gets no answer here: the
/// careful way looks at it again, and says what is wrong if something is.
extension JSONScanner {
    /// Where the value that begins at the position ends.
    ///
    /// - Returns: `nil` when that takes a closer look.
    func endOfCompactValue() -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            // SAFETY: `end` is at most the number of bytes.
            let text = CompactText(base: base, end: end)
            let found = text.endOfValue(from: position)
            return found > 0 ? found : nil
        }
    }

    /// Where the string whose first byte is at `start` has its closing quote, if no escape comes before it.
    @inline(__always)
    func endOfPlainString(from start: Int) -> Int? {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            // SAFETY: `end` is at most the number of bytes.
            let text = CompactText(base: base, end: end)
            let found = text.endOfPlainText(from: start)
            return found < end && text[found] == UInt8(ascii: "\"") ? found : nil
        }
    }
}

/// Bytes that are looked at without a check of each position: callers compare with `end` first.
private struct CompactText {
    let base: UnsafeRawPointer
    let end: Int

    /// What stands for "no answer": nothing ends at the first byte.
    private static let unknown = 0

    @inline(__always)
    subscript(position: Int) -> UInt8 { base.load(fromByteOffset: position, as: UInt8.self) }

    func endOfValue(from start: Int) -> Int {
        var position = start
        var depth = 0
        // A bit for each open level, the innermost one lowest: set for an object.
        var levels: UInt64 = 0
        while position < end {
            switch self[position] {
            case UInt8(ascii: "{"):
                guard depth < 64, position + 1 < end else { return Self.unknown }
                (depth, levels) = (depth + 1, levels << 1 | 1)
                position += 1
                if self[position] != UInt8(ascii: "}") {
                    position = endOfKey(from: position)
                    if position == Self.unknown { return Self.unknown }
                    continue
                }
            case UInt8(ascii: "["):
                guard depth < 64, position + 1 < end else { return Self.unknown }
                (depth, levels) = (depth + 1, levels << 1)
                position += 1
                if self[position] != UInt8(ascii: "]") { continue }
            case UInt8(ascii: "\""): position = endOfString(from: position + 1)
            case UInt8(ascii: "n"): position = endOfWord("null", from: position)
            case UInt8(ascii: "t"): position = endOfWord("true", from: position)
            case UInt8(ascii: "f"): position = endOfWord("false", from: position)
            default: position = endOfNumber(from: position)
            }
            if position == Self.unknown || depth == 0 { return position }
            // After a value: the next one, or the ends of all levels that end here.
            closing: while true {
                guard position < end else { return Self.unknown }
                let byte = self[position]
                position += 1
                switch (byte, levels & 1) {
                case (UInt8(ascii: ","), 1):
                    position = endOfKey(from: position)
                    if position == Self.unknown { return Self.unknown }
                    break closing
                case (UInt8(ascii: ","), _): break closing
                case (UInt8(ascii: "}"), 1), (UInt8(ascii: "]"), 0):
                    (depth, levels) = (depth - 1, levels >> 1)
                    if depth == 0 { return position }
                default: return Self.unknown
                }
            }
        }
        return Self.unknown
    }

    /// After a key and its colon.
    @inline(__always)
    private func endOfKey(from start: Int) -> Int {
        guard start < end, self[start] == UInt8(ascii: "\"") else { return Self.unknown }
        let position = endOfString(from: start + 1)
        guard position != Self.unknown, position < end, self[position] == UInt8(ascii: ":") else {
            return Self.unknown
        }
        return position + 1
    }

    /// After the closing quote of the string whose first byte is at `start`.
    @inline(__always)
    private func endOfString(from start: Int) -> Int {
        var position = start
        while true {
            position = endOfPlainText(from: position)
            guard position + 1 < end else {
                return position < end && self[position] == UInt8(ascii: "\"") ? end : Self.unknown
            }
            switch self[position] {
            case UInt8(ascii: "\""): return position + 1
            case UInt8(ascii: "\\"):
                switch self[position + 1] {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                    UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                    position += 2
                default: return Self.unknown
                }
            default: return Self.unknown
            }
        }
    }

    /// The first quote, backslash or control character from here on, or the end.
    ///
    /// Eight bytes at a time: a byte is marked in its highest bit when subtracting from it borrows ("Determine if
    /// a word has a zero byte", Bit Twiddling Hacks). Bytes after the first marked one may be marked wrongly.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = start
        while position + 8 <= end {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ 0x2222_2222_2222_2222
            let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let marked =
                ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
                    | (word &- 0x2020_2020_2020_2020) & ~word) & 0x8080_8080_8080_8080
            if marked != 0 { return position &+ marked.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < end {
            let byte = self[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position &+= 1
        }
        return position
    }

    @inline(__always)
    private func endOfWord(_ word: StaticString, from start: Int) -> Int {
        let count = word.utf8CodeUnitCount
        guard start + count <= end else { return Self.unknown }
        for offset in 0..<count where self[start + offset] != word.utf8Start[offset] { return Self.unknown }
        return start + count
    }

    @inline(__always)
    private func endOfNumber(from start: Int) -> Int {
        var position = self[start] == UInt8(ascii: "-") ? start + 1 : start
        let first = position
        position = endOfDigits(from: position)
        guard position > first, position - first == 1 || self[first] != UInt8(ascii: "0") else {
            return Self.unknown
        }
        if position < end, self[position] == UInt8(ascii: ".") {
            let fraction = position + 1
            position = endOfDigits(from: fraction)
            guard position > fraction else { return Self.unknown }
        }
        if position < end, self[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, self[position] == UInt8(ascii: "-") || self[position] == UInt8(ascii: "+") {
                position += 1
            }
            let exponent = position
            position = endOfDigits(from: exponent)
            guard position > exponent else { return Self.unknown }
        }
        return position
    }

    @inline(__always)
    private func endOfDigits(from start: Int) -> Int {
        var position = start
        while position < end, self[position] &- UInt8(ascii: "0") < 10 { position &+= 1 }
        return position
    }
}
