import ChangeEvents

/// Reads dates and times as ISO 8601 writes them, and writes them as PostgreSQL reads them.
///
/// Words that PostgreSQL would take too (`now`, `yesterday`) are no values and are refused.
struct TemporalText {
    private let text: [UInt8]
    private var position = 0

    private init(_ text: [UInt8]) {
        self.text = text
    }

    /// - Parameter cuts: whether a time of day is left out where the column keeps none.
    static func append(
        _ text: [UInt8],
        _ form: ValueForm,
        cuts: Bool = false,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if case .interval(let precision) = form {
            try appendInterval(text, precision, to: &bytes)
            return
        }
        var reader = TemporalText(text)
        let result: String
        switch form {
        case .date:
            if let word = reader.infinity() { result = word } else { result = try reader.date(cuts: cuts) }
        case .time(let precision):
            let clock = try reader.clock(precision)
            _ = try reader.zone(.utcOnly)
            result = clock
        case .zonedTime(let precision):
            let clock = try reader.clock(precision)
            result = clock + (try reader.zone(.required))
        case .timestamp(let precision):
            if let word = reader.infinity() {
                result = word
            } else {
                result = try reader.timestamp(precision, .utcOnly)
            }
        case .zonedTimestamp(let precision):
            if let word = reader.infinity() {
                result = word
            } else {
                result = try reader.timestamp(precision, .required)
            }
        default: throw malformed
        }
        guard reader.position == text.count else { throw malformed }
        bytes.append(contentsOf: result.utf8)
    }

    /// The digits after the point with the point, without zeros at the end; nothing for zero.
    ///
    /// - Throws: `DecodeError` when the column would round it.
    static func fraction(_ digits: [UInt8], _ precision: Int) throws(DecodeError) -> String {
        var digits = digits
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        guard digits.count <= precision else {
            throw DecodeError("the value has more digits of a second than the column", at: 0)
        }
        return digits.isEmpty ? "" : "." + String(decoding: digits, as: UTF8.self)
    }

    private static let malformed = DecodeError("the text is no value of the column's type in ISO 8601", at: 0)

    // MARK: Parts

    private enum Zone { case utcOnly, required }

    /// The words, and the moments beyond PostgreSQL's range that Debezium makes of infinities in `isostring`
    /// mode: of a timestamp, of a date in a snapshot, of a date in the stream.
    private mutating func infinity() -> String? {
        let isNegative: Bool
        switch String(decoding: text, as: UTF8.self) {
        case "infinity", "+294247-01-10T04:00:25.2Z", "+292278994-08-16Z", "-5877611-06-21Z":
            isNegative = false
        case "-infinity", "-290308-12-21T19:59:27.6Z", "+292269055-12-02Z", "-5877611-06-22Z":
            isNegative = true
        default: return nil
        }
        position = text.count
        return isNegative ? "-infinity" : "infinity"
    }

    private mutating func date(cuts: Bool) throws(DecodeError) -> String {
        let date = try civilDate()
        if take(UInt8(ascii: "T")) || take(UInt8(ascii: " ")) {
            let clock = try clock(ValueForm.roundedPrecision)
            guard cuts || clock.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ":") }) else {
                throw DecodeError("the moment has a time of day, which the column does not keep", at: 0)
            }
        }
        _ = try zone(.utcOnly)
        return date.text + date.era
    }

    private mutating func timestamp(_ precision: Int, _ kind: Zone) throws(DecodeError) -> String {
        let date = try civilDate()
        if kind == .utcOnly, position == text.count { return "\(date.text) 00:00:00\(date.era)" }
        guard take(UInt8(ascii: "T")) || take(UInt8(ascii: " ")) else { throw Self.malformed }
        let clock = try clock(precision)
        let zone = try zone(kind)
        return "\(date.text) \(clock)\(kind == .required ? zone : "")\(date.era)"
    }

    /// The year may have a sign and more than four digits.
    private mutating func civilDate() throws(DecodeError) -> CivilDate {
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        let year = try number(4...9)
        guard take(UInt8(ascii: "-")) else { throw Self.malformed }
        let month = try number(2...2)
        guard take(UInt8(ascii: "-")) else { throw Self.malformed }
        let day = try number(2...2)
        return CivilDate(year: isNegative ? -year : year, month: month, day: day)
    }

    private mutating func clock(_ precision: Int) throws(DecodeError) -> String {
        let start = position
        let hour = try number(2...2)
        guard take(UInt8(ascii: ":")) else { throw Self.malformed }
        let minute = try number(2...2)
        var second: Int64 = 0
        var end = position
        var fraction = ""
        if take(UInt8(ascii: ":")) {
            second = try number(2...2)
            end = position
            if take(UInt8(ascii: ".")) {
                let first = position
                _ = try number(1...9)
                fraction = try Self.fraction(Array(text[first..<position]), precision)
            }
        }
        // The server would carry a 60th second over to the next minute.
        guard hour <= 24, minute < 60, second < 60 else { throw Self.malformed }
        return String(decoding: text[start..<end], as: UTF8.self) + fraction
    }

    /// `Z`, or an offset from UTC; nothing where none is required.
    private mutating func zone(_ kind: Zone) throws(DecodeError) -> String {
        if take(UInt8(ascii: "Z")) { return "+00" }
        let start = position
        guard position < text.count else {
            guard kind == .utcOnly else {
                throw DecodeError("the text has no time zone, which the column's type needs", at: 0)
            }
            return ""
        }
        guard take(UInt8(ascii: "+")) || take(UInt8(ascii: "-")) else { throw Self.malformed }
        var offset = try number(2...2)
        let isShort = position + 2 == text.count && text[position] != UInt8(ascii: ":")
        if isShort { offset += try number(2...2) }
        while take(UInt8(ascii: ":")) { offset += try number(2...2) }
        guard kind == .required || offset == 0 else {
            throw DecodeError("the text has a time zone, which the column's type cannot keep", at: 0)
        }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func number(_ digits: ClosedRange<Int>) throws(DecodeError) -> Int64 {
        var value: Int64 = 0
        var count = 0
        while position < text.count, (0x30...0x39).contains(text[position]), count < digits.upperBound {
            value = value * 10 + Int64(text[position] - 0x30)
            position += 1
            count += 1
        }
        guard digits.contains(count) else { throw Self.malformed }
        return value
    }

    // MARK: Intervals

    /// `P1Y2M3DT4H5M6.78S`, where each number may have its own sign; PostgreSQL reads it as it stands.
    private static func appendInterval(
        _ text: [UInt8],
        _ precision: Int,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        let letters = Array("PYMWDTHS+-.".utf8)
        guard text.first == UInt8(ascii: "P"), text.count > 2,
            text.allSatisfy({ (0x30...0x39).contains($0) || letters.contains($0) })
        else { throw malformed }
        guard let point = text.firstIndex(of: UInt8(ascii: ".")) else {
            bytes.append(contentsOf: text)
            return
        }
        let digits = Array(text[(point + 1)...].prefix { (0x30...0x39).contains($0) })
        // Other parts with a fraction would be spread over the smaller ones.
        guard text.dropFirst(point + 1 + digits.count).elementsEqual([UInt8(ascii: "S")]) else {
            throw malformed
        }
        let fraction = try fraction(digits, precision)
        bytes.append(contentsOf: text[..<point])
        bytes.append(contentsOf: "\(fraction)S".utf8)
    }
}
