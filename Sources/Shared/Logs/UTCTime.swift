/// A moment as ISO 8601 has it, with milliseconds, in UTC: `1970-01-01T00:00:01.500Z`.
struct UTCTime: CustomStringConvertible {
    /// Since 1970; a clock that is set before that counts as 1970.
    let milliseconds: Int

    var description: String {
        let (days, rest) = max(0, milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.date(days)
        let clock = "\(Self.padded(rest / 3_600_000)):\(Self.padded(rest / 60_000 % 60))"
        let second = "\(Self.padded(rest / 1_000 % 60)).\(Self.padded(rest % 1_000, to: 3))"
        return "\(Self.padded(year, to: 4))-\(Self.padded(month))-\(Self.padded(day))T\(clock):\(second)Z"
    }

    private static func padded(_ number: Int, to width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The date of a day since 1970.
    ///
    /// It is `civil_from_days` of Howard Hinnant's "chrono-compatible low-level date algorithms": its years
    /// begin in March, so that the leap day is their last.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            year: era * 400 + yearOfEra + (month < 10 ? 0 : 1),
            month: month < 10 ? month + 3 : month - 9,
            day: dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}
