import Commands

/// A value of `--rate`: writes a second, or `max`.
struct Rate: OptionValue, Equatable {
    /// `nil` is as fast as it goes.
    var writesPerSecond: Int?

    init(_ writesPerSecond: Int?) {
        self.writesPerSecond = writesPerSecond
    }

    init(argument: String) throws(InvalidValue) {
        if argument == "max" {
            self.init(nil)
        } else {
            guard let value = Int(argument), (1...10_000_000).contains(value) else { throw InvalidValue() }
            self.init(value)
        }
    }

    static var valid: String { "a whole number from 1 to 10000000, or max" }
    var argument: String { writesPerSecond.map { String($0) } ?? "max" }
}
