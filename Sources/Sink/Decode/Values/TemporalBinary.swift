import ChangeEvents

/// Dates and timestamps as PostgreSQL's binary format has them: days or microseconds from 2000-01-01 (`date.h` and
/// `timestamp.h` of PostgreSQL).
///
/// The forms that almost all values have are read here. Any other one is made PostgreSQL's own text first, by
/// `TemporalDecoder`, which knows them all and says what is wrong; then that text is read here.
enum TemporalBinary {
    /// Days from 1970-01-01 to 2000-01-01.
    private static let epoch: Int64 = 10_957
    private static let day: Int64 = 86_400_000_000

    /// Days, or the limits of 32 bits for the infinities.
    ///
    /// - Parameters:
    ///   - cuts: whether a time of day is left out, as PostgreSQL does.
    ///   - bytes: what is in it stays; after it is scratch space.
    static func date(
        _ scanner: inout JSONScanner,
        _ schema: FieldSchema?,
        cuts: Bool = false,
        _ bytes: inout [UInt8]
    ) throws(DecodeError) -> Int64 {
        let start = bytes.count
        defer { bytes.removeLast(bytes.count - start) }
        try TemporalDecoder.append(&scanner, .date, schema, cuts: cuts, to: &bytes)
        var reader = TemporalReader(bytes, from: start)
        if let sign = reader.infinity() { return Int64(sign < 0 ? Int32.min : Int32.max) }
        guard let date = reader.date(), let days = reader.days(of: date), reader.isAtEnd,
            let day = Int32(exactly: days - epoch)
        else { throw DecodeError("there is no such day", at: 0) }
        return Int64(day)
    }

    /// Microseconds, or the limits of 64 bits for the infinities.
    ///
    /// - Parameter bytes: what is in it stays; after it is scratch space.
    static func timestamp(
        _ scanner: inout JSONScanner,
        precision: Int,
        isZoned: Bool,
        _ schema: FieldSchema?,
        _ bytes: inout [UInt8]
    ) throws(DecodeError) -> Int64 {
        let start = bytes.count
        defer { bytes.removeLast(bytes.count - start) }
        let form = isZoned ? ValueForm.zonedTimestamp(precision: precision) : .timestamp(precision: precision)
        if try scanner.peekKind() == .string {
            try scanner.append(try scanner.string(), to: &bytes)
            if let value = read(bytes, from: start, precision, isZoned) { return value }
            let text = Array(bytes[start...])
            bytes.removeLast(text.count)
            try TemporalText.append(text, form, to: &bytes)
        } else {
            let number = try scanner.integer()
            if let value = common(number, precision, schema) { return value }
            try TemporalDecoder.append(number, form, schema, to: &bytes)
        }
        guard let value = read(bytes, from: start, precision, isZoned) else {
            throw DecodeError("there is no such moment", at: 0)
        }
        return value
    }

    /// A number of milliseconds or microseconds within the years 1 to 9999, where none means anything else.
    private static func common(
        _ number: Int64,
        _ precision: Int,
        _ schema: FieldSchema?
    ) -> Int64? {
        guard case .timestamp(let unit)? = schema?.semantic, unit != .nanoseconds else { return nil }
        let (microseconds, overflow) =
            number.multipliedReportingOverflow(by: 1_000_000 / unit.rawValue)
        guard !overflow, (-719_162 * day..<2_932_897 * day).contains(microseconds),
            isExact(microseconds, precision)
        else { return nil }
        return microseconds - epoch * day
    }

    private static func read(
        _ bytes: [UInt8],
        from start: Int,
        _ precision: Int,
        _ isZoned: Bool
    ) -> Int64? {
        var reader = TemporalReader(bytes, from: start)
        if let sign = reader.infinity() { return sign < 0 ? .min : .max }
        guard let date = reader.date(), reader.take(UInt8(ascii: "T")) || reader.take(UInt8(ascii: " ")),
            let clock = reader.clock(rounds: precision > 6), isExact(clock, precision)
        else { return nil }
        var offset: Int64 = 0
        if isZoned {
            guard let zone = reader.zone() else { return nil }
            offset = zone
        } else {
            _ = reader.take(UInt8(ascii: "Z"))
        }
        guard let days = reader.days(of: date), reader.isAtEnd else { return nil }
        let (midnight, isTooFar) = (days - epoch).multipliedReportingOverflow(by: day)
        let (moment, isBeyond) = midnight.addingReportingOverflow(clock - offset)
        // The limits themselves stand for the infinities.
        return isTooFar || isBeyond || moment == .min || moment == .max ? nil : moment
    }

    /// Whether a column of this precision keeps the value as it is.
    private static func isExact(_ microseconds: Int64, _ precision: Int) -> Bool {
        guard precision < 6 else { return true }
        return microseconds % [1_000_000, 100_000, 10_000, 1_000, 100, 10][precision] == 0
    }
}

/// Reads `[yyyyy]yyyy-mm-dd`, `hh:mm[:ss[.ffffff]]` and zones; `nil` is all it says of anything else.
private struct TemporalReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], from start: Int) {
        (self.bytes, position) = (bytes, start)
    }

    var isAtEnd: Bool { position == bytes.count }

    private var isAtDigit: Bool { position < bytes.count && bytes[position] &- UInt8(ascii: "0") < 10 }

    mutating func infinity() -> Int? {
        guard position < bytes.count,
            bytes[position] > UInt8(ascii: "9") || bytes[position] == UInt8(ascii: "-")
        else { return nil }
        let isNegative = bytes[position...].elementsEqual("-infinity".utf8)
        guard isNegative || bytes[position...].elementsEqual("infinity".utf8) else { return nil }
        position = bytes.count
        return isNegative ? -1 : 1
    }

    mutating func date() -> (year: Int64, month: Int64, day: Int64)? {
        guard let year = number(4...9), take(UInt8(ascii: "-")), let month = number(2...2),
            take(UInt8(ascii: "-")), let day = number(2...2)
        else { return nil }
        return (year, month, day)
    }

    /// Days from 1970-01-01 of a date, of which ` BC` may follow; `nil` for the 30th of February.
    mutating func days(of date: (year: Int64, month: Int64, day: Int64)) -> Int64? {
        var year = date.year
        if bytes[position...].elementsEqual(" BC".utf8) {
            position = bytes.count
            year = 1 - year
        } else if year == 0 {
            return nil
        }
        guard (1...12).contains(date.month), date.day >= 1, date.day <= Self.length(date.month, year) else {
            return nil
        }
        return CivilDate(year: year, month: date.month, day: date.day).daysFrom1970
    }

    private static func length(_ month: Int64, _ year: Int64) -> Int64 {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// Microseconds since midnight, 24:00 included.
    ///
    /// - Parameter rounds: whether more digits are rounded, as PostgreSQL does (`ParseFractionalSecond`).
    mutating func clock(rounds: Bool) -> Int64? {
        guard let hour = number(2...2), take(UInt8(ascii: ":")), let minute = number(2...2), minute < 60
        else {
            return nil
        }
        var value = (hour * 60 + minute) * 60
        if take(UInt8(ascii: ":")) {
            guard let second = number(2...2), second < 60 else { return nil }
            value += second
        }
        value *= 1_000_000
        if take(UInt8(ascii: ".")) {
            let first = position
            guard var fraction = number(1...9) else { return nil }
            for _ in (position - first)..<9 { fraction *= 10 }
            if fraction % 1_000 == 0 {
                value += fraction / 1_000
            } else {
                guard rounds else { return nil }
                // PostgreSQL reads the fraction as a double and rounds that.
                value += Int64(
                    (Double(fraction) / 1_000_000_000 * 1_000_000).rounded(.toNearestOrEven)
                )
            }
        }
        return value <= 86_400_000_000 ? value : nil
    }

    /// Microseconds east of UTC.
    mutating func zone() -> Int64? {
        if take(UInt8(ascii: "Z")) { return 0 }
        let isWest = take(UInt8(ascii: "-"))
        guard isWest || take(UInt8(ascii: "+")), let hours = number(2...2) else { return nil }
        var seconds = hours * 3_600
        var unit: Int64 = 60
        // `+hhmm` as well.
        while unit > 0, take(UInt8(ascii: ":")) || unit == 60 && isAtDigit {
            guard let part = number(2...2), part < 60 else { return nil }
            seconds += part * unit
            unit /= 60
        }
        // As far as PostgreSQL's own zones go.
        guard hours < 16 else { return nil }
        return (isWest ? -seconds : seconds) * 1_000_000
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
        var value: Int64 = 0
        let first = position
        while position < bytes.count, position - first < digits.upperBound {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int64(digit)
            position += 1
        }
        return digits.contains(position - first) ? value : nil
    }
}
