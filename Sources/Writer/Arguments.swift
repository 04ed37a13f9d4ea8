import ArgumentParser

/// A value of `--rate`: writes a second, or `max`.
struct Rate: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    /// `nil` is as fast as it goes.
    var writesPerSecond: Int?

    init(_ writesPerSecond: Int?) {
        self.writesPerSecond = writesPerSecond
    }

    init?(argument: String) {
        if argument == "max" {
            self.init(nil)
        } else {
            guard let value = Int(argument), (1...10_000_000).contains(value) else { return nil }
            self.init(value)
        }
    }

    var description: String { writesPerSecond.map { String($0) } ?? "max" }
}

/// A length of time on the command line: `30`, `30s`, `500ms`, `5m`, `1h`.
struct TimeSpan: ExpressibleByArgument, Sendable, Equatable, CustomStringConvertible {
    let duration: Duration
    let description: String

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let milliseconds: Double
        switch argument.dropFirst(digits.count) {
        case "ms": milliseconds = 1
        case "", "s": milliseconds = 1_000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        default: return nil
        }
        // A year is more than any run; the bound keeps the arithmetic from overflowing.
        guard let number = Double(digits), number * milliseconds >= 1, number * milliseconds < 31_536_000_000
        else { return nil }
        duration = .milliseconds(Int64(number * milliseconds))
        description = argument
    }
}

extension TimeSpan {
    /// A number of seconds, for defaults.
    init(seconds: Int) {
        duration = .seconds(seconds)
        description = "\(seconds)s"
    }
}
