/// A strict and simple JSON parser (RFC 8259) that builds a tree: what the scanner is compared with.
///
/// It shares no code with the program's own. Strings may be no UTF-8, as the scanner leaves that to the columns.
indirect enum SlowJSON {
    case null
    case boolean(Bool)
    /// A number's text.
    case number(String)
    /// A string's bytes, escapes resolved; `nil` when half of a surrogate pair is in it.
    case string([UInt8]?)
    case array([SlowJSON])
    /// Members in their order; names may repeat.
    case object([(name: [UInt8]?, value: SlowJSON)])

    /// The value that a text is, or `nil` when it is not JSON.
    static func parse(_ text: [UInt8]) -> SlowJSON? {
        var parser = SlowParser(text: text)
        parser.space()
        guard let value = parser.value() else { return nil }
        parser.space()
        return parser.position == text.count ? value : nil
    }

    /// Whether an object anywhere in it has a name twice: which one counts is nobody's promise.
    var hasRepeatedNames: Bool {
        switch self {
        case .array(let elements): return elements.contains(where: \.hasRepeatedNames)
        case .object(let members):
            let names = members.map { String(decoding: $0.name ?? [], as: UTF8.self).lowercased() }
            return Set(names).count < names.count || members.contains(where: \.value.hasRepeatedNames)
        default: return false
        }
    }

    /// The member of this name; an object's, if it has one.
    subscript(name: String) -> SlowJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == Array(name.utf8) }?.value
    }

    var isNull: Bool { if case .null = self { true } else { false } }
    var isObject: Bool { if case .object = self { true } else { false } }
}

private struct SlowParser {
    let text: [UInt8]
    var position = 0

    func peek() -> UInt8? { position < text.count ? text[position] : nil }

    mutating func space() {
        while let byte = peek(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    mutating func take(_ word: String) -> Bool {
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    mutating func value() -> SlowJSON? {
        switch peek() {
        case UInt8(ascii: "n"): return take("null") ? .null : nil
        case UInt8(ascii: "t"): return take("true") ? .boolean(true) : nil
        case UInt8(ascii: "f"): return take("false") ? .boolean(false) : nil
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "{"): return object()
        default: return number()
        }
    }

    mutating func array() -> SlowJSON? {
        position += 1
        var elements: [SlowJSON] = []
        space()
        if take("]") { return .array([]) }
        while true {
            space()
            guard let element = value() else { return nil }
            elements.append(element)
            space()
            if take("]") { return .array(elements) }
            guard take(",") else { return nil }
        }
    }

    mutating func object() -> SlowJSON? {
        position += 1
        var members: [(name: [UInt8]?, value: SlowJSON)] = []
        space()
        if take("}") { return .object([]) }
        while true {
            space()
            guard peek() == UInt8(ascii: "\""), let name = string() else { return nil }
            space()
            guard take(":") else { return nil }
            space()
            guard let member = value() else { return nil }
            members.append((name, member))
            space()
            if take("}") { return .object(members) }
            guard take(",") else { return nil }
        }
    }

    /// The outer optional: whether it is a string at all.
    mutating func string() -> [UInt8]?? {
        position += 1
        var units: [UInt32] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return .some(Self.join(units))
            case 0..<0x20: return .none
            case UInt8(ascii: "\\"):
                guard let escape = peek() else { return .none }
                position += 1
                let plain = Array("\"\\/bfnrt".utf8)
                let meant: [UInt32] = [0x22, 0x5C, 0x2F, 0x08, 0x0C, 0x0A, 0x0D, 0x09]
                if let index = plain.firstIndex(of: escape) {
                    units.append(meant[index])
                } else if escape == UInt8(ascii: "u"), position + 4 <= text.count {
                    let digits = text[position..<(position + 4)]
                    let isHexadecimal = digits.allSatisfy {
                        Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80
                    }
                    guard isHexadecimal, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
                    else { return .none }
                    // Marked, so that escapes pair with escapes only.
                    units.append(unit | 0x8000_0000)
                    position += 4
                } else {
                    return .none
                }
            default: units.append(UInt32(byte) | 0x4000_0000)
            }
        }
        return .none
    }

    /// Raw bytes stay as they are; escaped UTF-16 becomes UTF-8.
    private static func join(_ units: [UInt32]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var index = 0
        while index < units.count {
            let unit = units[index]
            index += 1
            if unit & 0x4000_0000 != 0 {
                bytes.append(UInt8(unit & 0xFF))
                continue
            }
            var scalar = unit & 0xFFFF
            if (0xD800..<0xDC00).contains(scalar), index < units.count, units[index] & 0x8000_0000 != 0,
                (0xDC00..<0xE000).contains(units[index] & 0xFFFF)
            {
                scalar = 0x10000 + (scalar - 0xD800) * 0x400 + (units[index] & 0xFFFF) - 0xDC00
                index += 1
            }
            guard let valid = UnicodeScalar(scalar) else { return nil }
            bytes.append(contentsOf: String(Character(valid)).utf8)
        }
        return bytes
    }

    mutating func number() -> SlowJSON? {
        let start = position
        _ = take("-")
        if !take("0") { guard digits() else { return nil } }
        if take(".") { guard digits() else { return nil } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard digits() else { return nil }
        }
        return .number(String(decoding: text[start..<position], as: UTF8.self))
    }

    mutating func digits() -> Bool {
        let start = position
        while let byte = peek(), (0x30...0x39).contains(byte) { position += 1 }
        return position > start
    }
}
