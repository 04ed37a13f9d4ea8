/// A JSON value that comes again and again and differs only in its digits, as the `source` of change events does.
///
/// Well-formed text in which digits stand for other digits is well-formed, but for numbers that begin with 0 and for
/// `\u` escapes. So a value that equals the last one everywhere else needs no closer look, and comparing takes eight
/// bytes at a time, digits included as long as numbers keep their length.
struct RepeatedText: Sendable {
    private var known: [UInt8] = []
    private let isKept: Bool

    /// - Parameter isKept: false for a value that comes once.
    init(isKept: Bool = true) {
        self.isKept = isKept
    }

    /// Steps over the value that comes next and keeps its text.
    ///
    /// - Throws: as `JSONScanner.skipValue`.
    mutating func skip(_ scanner: inout JSONScanner) throws(DecodeError) -> Range<Int> {
        let start = scanner.position
        if let end = end(scanner.bytes, from: start, limit: scanner.end) {
            scanner.position = end
            return start..<end
        }
        let range = try scanner.skipValue()
        if isKept { learn(scanner.bytes.extracting(range)) }
        return range
    }

    /// Only what has a bracket at its end ends where the known text does.
    mutating func learn(_ text: RawSpan) {
        known.removeAll(keepingCapacity: true)
        text.withUnsafeBytes { text in
            guard text.last == UInt8(ascii: "}") || text.last == UInt8(ascii: "]") else { return }
            for index in text.indices.dropFirst()
            where text[index] == UInt8(ascii: "u") && text[index - 1] == UInt8(ascii: "\\") { return }
            known.append(contentsOf: text)
        }
    }

    /// Where the value that begins at `start` ends; `nil` when it is another one.
    func end(_ bytes: RawSpan, from start: Int, limit: Int) -> Int? {
        guard !known.isEmpty else { return nil }
        return known.withUnsafeBytes { known in
            bytes.withUnsafeBytes { bytes in
                Likeness(known: known, other: UnsafeRawBufferPointer(rebasing: bytes[start..<limit])).end()
                    .map { start + $0 }
            }
        }
    }
}

/// Two texts, walked over side by side.
private struct Likeness {
    let known: UnsafeRawBufferPointer
    let other: UnsafeRawBufferPointer

    /// Where the other text has come to when the known one is over; `nil` when they differ in more than digits.
    func end() -> Int? {
        var (left, right) = (0, 0)
        while true {
            skipEqual(&left, &right)
            if left == known.count { return right }
            guard right < other.count, skipDigits(&left, &right) else { return nil }
        }
    }

    /// Steps over what is equal, and over digits in which equally long numbers differ.
    @inline(__always)
    private func skipEqual(_ left: inout Int, _ right: inout Int) {
        while left + 8 <= known.count, right + 8 <= other.count {
            let before = UInt64(littleEndian: known.loadUnaligned(fromByteOffset: left, as: UInt64.self))
            let now = UInt64(littleEndian: other.loadUnaligned(fromByteOffset: right, as: UInt64.self))
            let difference = before ^ now
            guard
                difference == 0
                    || Self.isHarmless(before, now, isInside: right > 0 && Self.isDigit(other[right - 1]))
            else {
                let equal = difference.trailingZeroBitCount >> 3
                left += equal
                right += equal
                return
            }
            left += 8
            right += 8
        }
        while left < known.count, right < other.count, known[left] == other[right] {
            left += 1
            right += 1
        }
    }

    /// Whether two texts of eight bytes differ in nothing but digits, and no number begins with a 0 that is new.
    ///
    /// - Parameter isInside: whether a digit stands in front of the second text.
    @inline(__always)
    private static func isHarmless(_ before: UInt64, _ now: UInt64, isInside: Bool) -> Bool {
        // A byte's highest bit is the answer for that byte; sums of seven bits never reach the next byte.
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let (left, right) = (before ^ 0x3030_3030_3030_3030, now ^ 0x3030_3030_3030_3030)
        let differs = ((before ^ now) & low &+ low) | (before ^ now)
        let wasNoDigit = (left & low &+ 0x7676_7676_7676_7676) | left
        let isNoDigit = (right & low &+ 0x7676_7676_7676_7676) | right
        let isNotZero = (right & low &+ low) | right
        // The byte in front of each one: the text is little-endian.
        let isFirst = isNoDigit << 8 | (isInside ? 0 : 0x80)
        return differs & (wasNoDigit | isNoDigit | ~isNotZero & isFirst) & ~low == 0
    }

    /// Steps over the rest of the digits that the texts differ in; false when it is not digits that differ.
    @inline(__always)
    private func skipDigits(_ left: inout Int, _ right: inout Int) -> Bool {
        let isInside = left > 0 && Self.isDigit(known[left - 1])
        if isInside {
            // More digits after a 0 may be a number that begins with 0.
            if known[left - 1] == UInt8(ascii: "0"), !Self.isDigit(known[left]) { return false }
        } else {
            guard Self.isDigit(known[left]), Self.isDigit(other[right]) else { return false }
            if other[right] == UInt8(ascii: "0"), right + 1 < other.count, Self.isDigit(other[right + 1]) {
                return false
            }
        }
        let (leftStart, rightStart) = (left, right)
        while left < known.count, Self.isDigit(known[left]) { left += 1 }
        while right < other.count, Self.isDigit(other[right]) { right += 1 }
        return left > leftStart || right > rightStart
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
