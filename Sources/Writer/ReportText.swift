import Glibc

/// The pieces of which progress lines and summary are made: pure functions of numbers.
enum ReportText {
    /// Nanoseconds as seconds with a number of decimals: `8.31 s`.
    static func seconds(_ nanoseconds: UInt64, decimals: Int) -> String {
        let unit = decimals == 1 ? 100_000_000 : 10_000_000 as UInt64
        let rounded = (nanoseconds + unit / 2) / unit
        let scale = 1_000_000_000 / unit
        let fraction = String(rounded % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.utf8.count)
        return "\(rounded / scale).\(zeros)\(fraction) s"
    }

    /// A count with separators: `29,871`.
    static func count(_ value: Int) -> String {
        var digits = String(value)
        var end = digits.index(digits.endIndex, offsetBy: -3, limitedBy: digits.startIndex)
        while let place = end, place > digits.startIndex {
            digits.insert(",", at: place)
            end = digits.index(place, offsetBy: -3, limitedBy: digits.startIndex)
        }
        return digits
    }

    /// How often something happened a second: whole numbers from 10 on, one decimal below.
    static func rate(_ count: Int, in nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0/s" }
        let tenths = Int((Double(count) * 10e9 / Double(nanoseconds)).rounded())
        return tenths < 100 && tenths % 10 != 0
            ? "\(tenths / 10).\(tenths % 10)/s" : "\(Self.count((tenths + 5) / 10))/s"
    }

    /// Counts by cause, most frequent first: `57P01 4, 08006 1`.
    static func causes(_ causes: [String: Int]) -> String {
        causes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(count($0.value))" }
            .joined(separator: ", ")
    }

    /// Microseconds since 1970 as `2026-05-03 12:00:01.123 UTC`.
    static func wallClock(_ microseconds: Int64) -> String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
        let text = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let milliseconds = String(microseconds / 1_000 % 1_000)
        return "\(text).\(String(repeating: "0", count: 3 - milliseconds.utf8.count))\(milliseconds) UTC"
    }
}
