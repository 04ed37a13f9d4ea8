/// A moment in UTC by Java's calendar: Julian before 15 October 1582, Gregorian from then on.
struct JavaCalendar: Hashable, Sendable {
    var era = 1
    /// The year of the era.
    var year: Int64 = 1970
    /// From 1.
    var month: Int64 = 1
    var day: Int64 = 1
    var hour: Int64 = 0
    var minute: Int64 = 0
    var second: Int64 = 0
    var millisecond: Int64 = 0
    /// From 1 for Monday.
    private(set) var weekday = 4

    /// 15 October 1582, in days since 1970.
    private static let cutover: Int64 = -141_427

    init() {}

    /// - Parameter milliseconds: since 1970.
    init(milliseconds: Int64) {
        let (days, rest) = Self.divided(milliseconds, by: 86_400_000)
        (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60)
        (second, millisecond) = (rest / 1_000 % 60, rest % 1_000)
        weekday = Int(Self.divided(days + 3, by: 7).rest) + 1
        let isGregorian = days >= Self.cutover
        // Days since 1 March of the year 0, by the calendar of the time.
        let shifted = days + (isGregorian ? 719_468 : 719_470)
        var (whole, dayOfYear): (Int64, Int64)
        if isGregorian {
            let (cycle, inCycle) = Self.divided(shifted, by: 146_097)
            let inYear = (inCycle - inCycle / 1_460 + inCycle / 36_524 - inCycle / 146_096) / 365
            dayOfYear = inCycle - (365 * inYear + inYear / 4 - inYear / 100)
            whole = cycle * 400 + inYear
        } else {
            let (cycle, inCycle) = Self.divided(shifted, by: 1_461)
            let inYear = min(inCycle / 365, 3)
            dayOfYear = inCycle - 365 * inYear
            whole = cycle * 4 + inYear
        }
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        if month <= 2 { whole += 1 }
        (era, year) = whole > 0 ? (1, whole) : (0, 1 - whole)
    }

    /// Milliseconds since 1970; parts beyond their range go on in the next, as Java's lenient calendar has it.
    ///
    /// - Returns: `nil` for what 64 bits have no room for.
    var milliseconds: Int64? {
        let limit: ClosedRange<Int64> = -200_000_000...200_000_000
        guard [year, month, day, hour, minute, second, millisecond].allSatisfy({ limit ~= $0 }) else {
            return nil
        }
        let whole = era == 1 ? year : 1 - year
        let (years, inYear) = Self.divided(month - 1, by: 12)
        let month = inYear + 1
        var days = Self.days(whole + years, month, gregorian: true) + day - 1
        if days < Self.cutover { days = Self.days(whole + years, month, gregorian: false) + day - 1 }
        return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1_000 + millisecond
    }

    private static func days(_ year: Int64, _ month: Int64, gregorian: Bool) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        if gregorian {
            let (cycle, inCycle) = divided(shifted, by: 400)
            return cycle * 146_097 + inCycle * 365 + inCycle / 4 - inCycle / 100 + dayOfYear - 719_468
        }
        let (cycle, inCycle) = divided(shifted, by: 4)
        return cycle * 1_461 + inCycle * 365 + dayOfYear - 719_470
    }

    static func divided(_ value: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    enum Form: Sendable { case date, time, timestamp }

    /// ISO 8601 as Connect's `Values` writes it.
    func format(_ form: Form) -> String {
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        let time =
            "\(Self.padded(hour, 2)):\(Self.padded(minute, 2)):\(Self.padded(second, 2)).\(Self.padded(millisecond, 3))Z"
        switch form {
        case .date: return date
        case .time: return time
        case .timestamp: return "\(date)T\(time)"
        }
    }

    static func padded(_ value: Int64, _ count: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }
}
