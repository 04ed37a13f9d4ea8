/// A pattern of Java's `SimpleDateFormat`, in UTC and English.
///
/// The letters that mean something without a locale or a list of zones are known: `G y u M d H k K h m s S a E X Z z`; others
/// are refused. Reading is as lenient as Java's: the 40th of a month is in the next.
struct JavaDateFormat: Sendable {
    fileprivate enum Part: Sendable {
        case text([UInt8])
        case field(Unicode.Scalar, Int)
    }

    private let parts: [Part]

    struct Failure: Error {
        let reason: String
    }

    init(_ pattern: String) throws(Failure) {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = Array(pattern.unicodeScalars)[...]
        func flush() {
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = []
        }
        while let scalar = rest.popFirst() {
            if scalar == "'" {
                if rest.first == "'" {
                    rest.removeFirst()
                    literal.append(UInt8(ascii: "'"))
                    continue
                }
                while true {
                    guard let next = rest.popFirst() else { throw Failure(reason: "a quote ' is not closed") }
                    if next == "'" {
                        guard rest.first == "'" else { break }
                        rest.removeFirst()
                    }
                    literal += Array(String(next).utf8)
                }
            } else if "A"..."Z" ~= scalar || "a"..."z" ~= scalar {
                flush()
                var count = 1
                while rest.first == scalar {
                    rest.removeFirst()
                    count += 1
                }
                try Self.check(scalar, count)
                parts.append(.field(scalar, count))
            } else {
                literal += Array(String(scalar).utf8)
            }
        }
        flush()
        self.parts = parts
    }

    private static func check(_ letter: Unicode.Scalar, _ count: Int) throws(Failure) {
        guard "GyuMdHkKhmsSaEXZz".unicodeScalars.contains(letter) else {
            throw Failure(
                reason: "the letter \(letter) is not supported; G y M d H k K h m s S a E X Z z are"
            )
        }
        guard count <= 100 else { throw Failure(reason: "the letter \(letter) stands too often") }
        if letter == "y", count <= 2 {
            // With one letter or two, two digits are a year near today's.
            throw Failure(reason: "y and yy read a year near today's; write yyyy")
        }
        if letter == "X", count > 3 { throw Failure(reason: "X stands at most three times") }
    }

    // MARK: Writing

    func format(_ milliseconds: Int64) -> String {
        let moment = JavaCalendar(milliseconds: milliseconds)
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let bytes): text += bytes
            case .field(let letter, let count): text += Array(Self.written(letter, count, moment).utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func written(_ letter: Unicode.Scalar, _ count: Int, _ moment: JavaCalendar) -> String {
        switch letter {
        case "G": return moment.era == 1 ? "AD" : "BC"
        case "y": return JavaCalendar.padded(moment.year, count)
        case "u": return JavaCalendar.padded(Int64(moment.weekday), count)
        case "M" where count >= 4: return months[Int(moment.month) - 1]
        case "M" where count == 3: return String(months[Int(moment.month) - 1].unicodeScalars.prefix(3))
        case "M": return JavaCalendar.padded(moment.month, count)
        case "d": return JavaCalendar.padded(moment.day, count)
        case "H": return JavaCalendar.padded(moment.hour, count)
        case "k": return JavaCalendar.padded(moment.hour == 0 ? 24 : moment.hour, count)
        case "K": return JavaCalendar.padded(moment.hour % 12, count)
        case "h": return JavaCalendar.padded(moment.hour % 12 == 0 ? 12 : moment.hour % 12, count)
        case "m": return JavaCalendar.padded(moment.minute, count)
        case "s": return JavaCalendar.padded(moment.second, count)
        case "S": return JavaCalendar.padded(moment.millisecond, count)
        case "a": return moment.hour < 12 ? "AM" : "PM"
        case "E":
            let name = weekdays[moment.weekday - 1]
            return count >= 4 ? name : String(name.unicodeScalars.prefix(3))
        case "X": return "Z"
        case "Z": return "+0000"
        default: return count >= 4 ? "Coordinated Universal Time" : "UTC"
        }
    }

    fileprivate static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November",
        "December",
    ]
    fileprivate static let weekdays = [
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ]
}

// MARK: Reading

extension JavaDateFormat {
    /// Reads the beginning of a text; what follows is not looked at, as in Java.
    ///
    /// - Returns: milliseconds since 1970, `nil` for a text that is not of the pattern.
    func parse(_ text: String) -> Int64? {
        var reading = Reading(bytes: Array(text.utf8))
        for (place, part) in parts.enumerated() {
            switch part {
            case .text(let bytes): guard reading.consume(bytes) else { return nil }
            case .field(let letter, let count):
                // Numbers that touch have as many digits as the pattern has letters.
                var width: Int?
                if place + 1 < parts.count, case .field(let next, let nextCount) = parts[place + 1],
                    Self.isNumber(letter, count), Self.isNumber(next, nextCount)
                {
                    width = count
                }
                guard reading.take(letter, count, width) else { return nil }
            }
        }
        return reading.milliseconds
    }

    private static func isNumber(_ letter: Unicode.Scalar, _ count: Int) -> Bool {
        letter == "M" ? count < 3 : "yudHkKhmsS".unicodeScalars.contains(letter)
    }

    private struct Reading {
        let bytes: [UInt8]
        var position = 0
        var moment = JavaCalendar()
        var isAfternoon: Bool?
        var hourOfHalf: Int64?
        var shift: Int64 = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var milliseconds: Int64? {
            var moment = moment
            if let hourOfHalf { moment.hour = hourOfHalf + (isAfternoon == true ? 12 : 0) }
            return moment.milliseconds.map { $0 - shift }
        }

        mutating func consume(_ wanted: [UInt8]) -> Bool {
            guard bytes[position...].starts(with: wanted) else { return false }
            position += wanted.count
            return true
        }

        mutating func take(_ letter: Unicode.Scalar, _ count: Int, _ width: Int?) -> Bool {
            skipBlanks()
            switch letter {
            case "G":
                guard let word = word(["BC", "AD"]) else { return false }
                moment.era = word
            case "M" where count >= 3:
                guard let month = word(JavaDateFormat.months, short: true) else { return false }
                moment.month = Int64(month) + 1
            case "E": return word(JavaDateFormat.weekdays, short: true) != nil
            case "a":
                guard let half = word(["AM", "PM"]) else { return false }
                isAfternoon = half == 1
            case "X", "Z", "z": return zone(letter)
            default:
                guard let value = number(width) else { return false }
                set(letter, value)
            }
            return true
        }

        private mutating func set(_ letter: Unicode.Scalar, _ value: Int64) {
            switch letter {
            case "y": moment.year = value
            case "M": moment.month = value
            case "d": moment.day = value
            case "H": moment.hour = value
            case "k": moment.hour = value == 24 ? 0 : value
            case "K": hourOfHalf = value
            case "h": hourOfHalf = value == 12 ? 0 : value
            case "m": moment.minute = value
            case "s": moment.second = value
            case "S": moment.millisecond = value
            default: break
            }
        }

        private mutating func skipBlanks() {
            while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        }

        private mutating func number(_ width: Int?) -> Int64? {
            let isNegative = width == nil && position < bytes.count && bytes[position] == UInt8(ascii: "-")
            if isNegative { position += 1 }
            var (value, count): (Int64, Int) = (0, 0)
            while position < bytes.count, 0x30...0x39 ~= bytes[position], count < width ?? 15 {
                value = value * 10 + Int64(bytes[position] - 0x30)
                (position, count) = (position + 1, count + 1)
            }
            return count == 0 ? nil : isNegative ? -value : value
        }

        /// The index of the word that comes next, in any case.
        private mutating func word(_ words: [String], short: Bool = false) -> Int? {
            let rest = String(decoding: bytes[position...], as: UTF8.self).lowercasedASCII
            for (index, word) in words.enumerated() {
                let whole = word.lowercasedASCII
                let forms = short ? [whole, String(whole.unicodeScalars.prefix(3))] : [whole]
                for form in forms where rest.begins(with: form) {
                    position += form.utf8.count
                    return index
                }
            }
            return nil
        }

        /// A zone: `Z` for X, an offset, or UTC and GMT by name.
        private mutating func zone(_ letter: Unicode.Scalar) -> Bool {
            if letter == "X", consume(Array("Z".utf8)) { return true }
            if letter != "X" {
                for name in ["UTC", "GMT"] where consume(Array(name.utf8)) {
                    guard position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D else {
                        return true
                    }
                    break
                }
            }
            guard position < bytes.count, bytes[position] == 0x2B || bytes[position] == 0x2D else {
                return false
            }
            let isNegative = bytes[position] == 0x2D
            position += 1
            guard let hours = number(2) else { return false }
            _ = consume([UInt8(ascii: ":")])
            let minutes = number(2) ?? 0
            guard hours < 24, minutes < 60 else { return false }
            shift = (hours * 60 + minutes) * (isNegative ? -60_000 : 60_000)
            return true
        }
    }
}
