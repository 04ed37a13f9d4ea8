import ChangeEvents

/// Text that grows, in memory that it keeps from record to record.
struct TextBuffer: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    /// Bytes that a record's text may take.
    static let byteLimit = 256 << 20
    /// Bytes that are kept for the next record, at most.
    private static let keptByteCount = 4 << 20

    init() {
        capacity = 4_096
        start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    /// Lends the text.
    borrowing func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        // SAFETY: the first `count` bytes are written, and nothing moves them while the buffer is borrowed.
        try body(UnsafeRawBufferPointer(start: start, count: count).bytes)
    }

    var copied: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    /// Keeps the first bytes only.
    mutating func cut(to count: Int) {
        precondition(count <= self.count, "a buffer is cut to what it has")
        self.count = count
        guard capacity > Self.keptByteCount, count < Self.keptByteCount else { return }
        move(to: Self.keptByteCount)
    }

    private mutating func move(to capacity: Int) {
        let target = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        // SAFETY: both have at least `count` bytes, and they are apart.
        target.update(from: start, count: count)
        start.deallocate()
        (start, self.capacity) = (target, capacity)
    }

    /// Makes room for so many more bytes.
    @inline(__always)
    private mutating func reserve(_ more: Int) throws(DecodeError) {
        if capacity - count >= more { return }
        try grow(more)
    }

    @inline(never)
    private mutating func grow(_ more: Int) throws(DecodeError) {
        guard more <= Self.byteLimit, count + more <= Self.byteLimit else {
            throw DecodeError("the record takes more than \(Self.byteLimit) bytes as text", at: 0)
        }
        move(to: max(count + more, min(2 * capacity, Self.byteLimit)))
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) throws(DecodeError) {
        try reserve(1)
        // SAFETY: there is room for it.
        start[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
        guard let source = bytes.baseAddress else { return }
        try reserve(bytes.count)
        // SAFETY: there is room for them, and they lie elsewhere.
        (start + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    mutating func append(_ text: StaticString) throws(DecodeError) {
        try append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: [UInt8]) throws(DecodeError) {
        try reserve(bytes.count)
        for byte in bytes {
            // SAFETY: there is room for all.
            start[count] = byte
            count += 1
        }
    }

    mutating func append(_ number: Int64) throws(DecodeError) {
        try reserve(20)
        var rest = number.magnitude
        if number < 0 {
            start[count] = UInt8(ascii: "-")
            count += 1
        }
        var length = 1
        var bound: UInt64 = 10
        while length < 19, rest >= bound {
            length += 1
            bound = bound &* 10
        }
        var place = count + length
        repeat {
            place -= 1
            // SAFETY: a magnitude of 64 bits has at most 19 digits here, for 2^63 is the largest, and a sign.
            start[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while place > count
        count += length
    }

    /// A number as JsonConverter writes it: what is no number is a text.
    mutating func append(_ value: Double, text: String) throws(DecodeError) {
        guard value.isFinite else {
            return try append(value.isNaN ? #""NaN""# : value > 0 ? #""Infinity""# : #""-Infinity""#)
        }
        try reserve(40)
        for byte in text.utf8 { try append(byte) }
    }

    /// A JSON string with these bytes, as they are but for what JSON escapes (RFC 8259, section 7).
    mutating func appendQuoted(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodeError) {
        // Most texts need no escape.
        try reserve(bytes.count + 2)
        start[count] = UInt8(ascii: "\"")
        count += 1
        var done = 0
        while done < bytes.count {
            let end = Self.endOfPlain(bytes, from: done)
            try append(UnsafeBufferPointer(rebasing: bytes[done..<end]))
            done = end
            if done < bytes.count {
                try appendEscaped(bytes[done])
                done += 1
            }
        }
        try append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) throws(DecodeError) {
        guard byte < 0x20 else {
            try append(UInt8(ascii: "\\"))
            return try append(byte)
        }
        try append("\\u00")
        try append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
        let digit = byte & 15
        try append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    /// Where the first byte lies that must be escaped, or the end.
    private static func endOfPlain(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start
        let (ones, high): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let raw = UnsafeRawBufferPointer(bytes)
        while position + 8 <= bytes.count {
            // SAFETY: eight bytes are there.
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            // A byte's highest bit is set where it is below 0x20, or zero after the exclusive or.
            let low = (word &- ones &* 0x20) & ~word
            let found = (low | ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash)) & high
            if found != 0 { break }
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position += 1
        }
        return position
    }

    /// A JSON string with the base64 of these bytes (RFC 4648, section 4).
    mutating func appendBase64(_ bytes: RawSpan) throws(DecodeError) {
        let length = bytes.byteCount
        try reserve((length + 2) / 3 * 4 + 2)
        try append(UInt8(ascii: "\""))
        var position = 0
        while position < length {
            var bits: UInt32 = 0
            let present = min(3, length - position)
            for index in 0..<3 {
                bits <<= 8
                // SAFETY: the index is below the number of bytes.
                if index < present {
                    bits |= UInt32(bytes.unsafeLoad(fromByteOffset: position + index, as: UInt8.self))
                }
            }
            for place in 0..<4 {
                let digit = UInt8(truncatingIfNeeded: bits >> UInt32(18 - 6 * place)) & 63
                start[count] = place <= present ? Self.base64Letter(digit) : UInt8(ascii: "=")
                count += 1
            }
            position += 3
        }
        try append(UInt8(ascii: "\""))
    }

    private static func base64Letter(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: return UInt8(ascii: "A") + digit
        case 26..<52: return UInt8(ascii: "a") + digit - 26
        case 52..<62: return UInt8(ascii: "0") + digit - 52
        case 62: return UInt8(ascii: "+")
        default: return UInt8(ascii: "/")
        }
    }
}
