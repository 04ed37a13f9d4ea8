/// A row of small bars for a series of numbers.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// The last `width` values as bars from 0 to the largest; a gap where one is not known.
    ///
    /// - Parameter isLogarithmic: for lags, whose seconds would hide all milliseconds.
    static func text(_ values: [Double?], width: Int, isLogarithmic: Bool = false) -> String {
        let shown = values.suffix(max(0, width)).map { value in
            value.map { isLogarithmic ? scale($0) : max(0, $0) }
        }
        let largest = shown.compactMap { $0 }.max() ?? 0
        let text = shown.map { value -> Character in
            guard let value else { return " " }
            guard largest > 0 else { return bars[0] }
            return bars[min(bars.count - 1, Int(value / largest * Double(bars.count - 1) + 0.5))]
        }
        return String(repeating: " ", count: max(0, width - text.count)) + String(text)
    }

    /// Doublings above one: the lags here are microseconds, so a millisecond is 10.
    private static func scale(_ value: Double) -> Double {
        var (rest, doublings) = (max(1, value), 0.0)
        while rest >= 2 {
            rest /= 2
            doublings += 1
        }
        return doublings + rest - 1
    }
}
