import ChangeEvents

/// Dates, times, timestamps and intervals, from the numbers and the strings that Debezium writes.
///
/// A number needs a schema, the record's or the one that `time.precision.mode` stands for: nothing else says what it
/// counts. Only an interval counts microseconds in all modes.
enum TemporalDecoder {
    static func append(
        _ scanner: inout JSONScanner,
        _ form: ValueForm,
        _ schema: FieldSchema?,
        cuts: Bool = false,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if try scanner.peekKind() == .string {
            var text: [UInt8] = []
            try scanner.append(try scanner.string(), to: &text)
            try TemporalText.append(text, form, cuts: cuts, to: &bytes)
            return
        }
        try append(try scanner.integer(), form, schema, cuts: cuts, to: &bytes)
    }

    static func append(
        _ value: Int64,
        _ form: ValueForm,
        _ schema: FieldSchema?,
        cuts: Bool = false,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch form {
        case .date: try appendDate(value, schema, cuts: cuts, to: &bytes)
        case .time(let precision): try appendTime(value, precision, schema, to: &bytes)
        case .timestamp(let precision):
            try appendTimestamp(value, precision, schema, zone: "", to: &bytes)
        // A number counts from 1970 in UTC.
        case .zonedTimestamp(let precision):
            try appendTimestamp(value, precision, schema, zone: "+00", to: &bytes)
        case .interval(let precision): try appendInterval(value, precision, schema, to: &bytes)
        default: throw DecodeError("a number is nothing that the column's type can be read from", at: 0)
        }
    }

    private static func appendDate(
        _ days: Int64,
        _ schema: FieldSchema?,
        cuts: Bool,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        guard let schema else { throw unknownUnit }
        if case .timestamp(let unit) = schema.semantic {
            return try appendDate(of: days, unit, cuts: cuts, to: &bytes)
        }
        guard schema.semantic == .date else { throw wrongSchema("days") }
        try append(days, then: "", to: &bytes)
    }

    /// A day, with what stands between it and its era; or an infinity.
    private static func append(
        _ days: Int64,
        then time: String,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        switch days {
        // What Debezium makes of the infinities in a snapshot and in the stream: both do not fit 32 bits.
        case -622_191_234, -2_147_472_692: bytes.append(contentsOf: "infinity".utf8)
        case -625_821_272, -2_147_472_691: bytes.append(contentsOf: "-infinity".utf8)
        default:
            let date = try CivilDate(daysFrom1970: days)
            bytes.append(contentsOf: "\(date.text)\(time)\(date.era)".utf8)
        }
    }

    /// The day of a moment that is one's begin.
    private static func appendDate(
        of value: Int64,
        _ unit: FieldSchema.Unit,
        cuts: Bool,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if let infinity = infinity(value, unit) {
            bytes.append(contentsOf: infinity.utf8)
            return
        }
        let (days, rest) = value.quotientAndRemainder(dividingBy: 86_400 * unit.rawValue)
        guard rest == 0 || cuts else {
            throw DecodeError("the moment has a time of day, which the column does not keep", at: 0)
        }
        // Before 1970 the day began at the greater distance.
        let date = try CivilDate(daysFrom1970: days - (rest < 0 ? 1 : 0))
        bytes.append(contentsOf: (date.text + date.era).utf8)
    }

    private static func appendTime(
        _ value: Int64,
        _ precision: Int,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        guard let schema else { throw unknownUnit }
        guard case .time(let unit) = schema.semantic else { throw wrongSchema("a time") }
        // 24:00 is a time of its own.
        guard (0...(86_400 * unit.rawValue)).contains(value) else {
            throw DecodeError("the number is no time of a day", at: 0)
        }
        bytes.append(contentsOf: try clock(value, unit, precision).utf8)
    }

    private static func appendTimestamp(
        _ value: Int64,
        _ precision: Int,
        _ schema: FieldSchema?,
        zone: String,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        if schema?.semantic == .date { return try append(value, then: " 00:00:00\(zone)", to: &bytes) }
        let unit = try unit(schema)
        // Debezium's infinities in nanoseconds, wrapped around 64 bits; they could be moments of 1970 as well.
        if unit == .nanoseconds, value == 22_375_808_000 || value == -29_575_808_000 {
            throw DecodeError("the number may be an infinity that overflowed at the source", at: 0)
        }
        if let infinity = infinity(value, unit) {
            bytes.append(contentsOf: infinity.utf8)
            return
        }
        let day = 86_400 * unit.rawValue
        let rest = value % day
        let days = value / day - (rest < 0 ? 1 : 0)
        let date = try CivilDate(daysFrom1970: days)
        let time = try clock(rest < 0 ? rest + day : rest, unit, precision)
        bytes.append(contentsOf: "\(date.text) \(time)\(zone)\(date.era)".utf8)
    }

    /// What a timestamp's number counts.
    static func unit(_ schema: FieldSchema?) throws(DecodeError) -> FieldSchema.Unit {
        guard let schema else { throw unknownUnit }
        guard case .timestamp(let known) = schema.semantic else { throw wrongSchema("a timestamp") }
        return known
    }

    private static func infinity(_ value: Int64, _ unit: FieldSchema.Unit) -> String? {
        switch (unit, value) {
        case (.microseconds, 9_223_372_036_825_200_000), (.milliseconds, 9_223_372_036_825_200),
            (.nanoseconds, .max):
            return "infinity"
        case (.microseconds, -9_223_372_036_832_400_000), (.milliseconds, -9_223_372_036_832_400),
            (.nanoseconds, .min):
            return "-infinity"
        default: return nil
        }
    }

    /// `hh:mm:ss.ffffff` of a count since midnight.
    private static func clock(
        _ value: Int64,
        _ unit: FieldSchema.Unit,
        _ precision: Int
    ) throws(DecodeError) -> String {
        let (seconds, fraction) = value.quotientAndRemainder(dividingBy: unit.rawValue)
        let digits = String(unit.rawValue + fraction).utf8.dropFirst()
        return "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
            + (try TemporalText.fraction(Array(digits), precision))
    }

    private static func appendInterval(
        _ value: Int64,
        _ precision: Int,
        _ schema: FieldSchema?,
        to bytes: inout [UInt8]
    ) throws(DecodeError) {
        guard schema == nil || schema?.semantic == .duration else { throw wrongSchema("microseconds") }
        let magnitude = value.magnitude
        guard magnitude <= UInt64(Int64.max) else { throw DecodeError("the interval is too long", at: 0) }
        let sign = value < 0 ? "-" : ""
        bytes.append(contentsOf: (sign + (try clock(Int64(magnitude), .microseconds, precision))).utf8)
    }

    private static let unknownUnit = DecodeError(
        "the record has no schema, so nothing says what the number counts; set time.precision.mode to what the source "
            + "connector has there",
        at: 0,
        concernsTable: true
    )

    private static func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func wrongSchema(_ what: String) -> DecodeError {
        DecodeError("the event's schema does not say that the number is \(what)", at: 0)
    }
}

/// A date of the proleptic Gregorian calendar; year 0 is 1 BC.
struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Counts in eras of 400 years, from March, so that the leap day is a year's last.
    ///
    /// - Throws: `DecodeError` for days before PostgreSQL's first, 4714-11-24 BC, or beyond 32 bits: a number
    ///   that overflowed.
    init(daysFrom1970 days: Int64) throws(DecodeError) {
        guard (-2_440_588...Int64(Int32.max)).contains(days) else {
            throw DecodeError("the date is out of range; the number overflowed at the source", at: 0)
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The other way round; the month and day are those of a calendar.
    var daysFrom1970: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// `yyyy-mm-dd` without the era.
    var text: String {
        let number = String(year > 0 ? year : 1 - year)
        let zeros = String(repeating: "0", count: max(0, 4 - number.utf8.count))
        return "\(zeros)\(number)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    /// What PostgreSQL writes after dates before the year 1.
    var era: String { year > 0 ? "" : " BC" }
}
