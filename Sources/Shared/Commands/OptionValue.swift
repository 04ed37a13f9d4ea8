/// A value that a person writes on a command line or in a variable of the environment.
public protocol OptionValue: Sendable {
    /// Reads what was written.
    ///
    /// - Throws: `InvalidValue` where it does not mean such a value.
    init(argument: String) throws(InvalidValue)

    /// What would be valid, as it follows "it must be": `a whole number`.
    static var valid: String { get }

    /// All values there are, where they can be listed: for help, completions and the nearest one.
    static var allArguments: [String] { get }

    /// Whether what was written may hold a secret, so that no error shows it.
    static var isSecret: Bool { get }

    /// Why a text must not stand on a command line, which every user of the machine can read, and what to do instead.
    ///
    /// - Returns: `nil` where it may.
    static func exposure(of argument: String) -> String?

    /// The value as a person would write it: for the defaults that help shows.
    var argument: String { get }
}

extension OptionValue {
    public static func exposure(of argument: String) -> String? { nil }
    public static var allArguments: [String] { [] }
    public static var isSecret: Bool { false }
}

/// Why a text is not a value of an option.
public struct InvalidValue: Error, Sendable {
    /// What is wrong; `nil` leaves it at what would be valid.
    public let reason: String?

    public init(_ reason: String? = nil) {
        self.reason = reason
    }
}

extension OptionValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    public init(argument: String) throws(InvalidValue) {
        guard let value = Self(rawValue: argument) else { throw InvalidValue() }
        self = value
    }

    public static var allArguments: [String] { allCases.map(\.rawValue) }

    public static var valid: String {
        let quoted = allArguments.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "nothing" }
        return "one of \(quoted.dropLast().joined(separator: ", ")) or \(last)"
    }

    public var argument: String { rawValue }
}

extension OptionValue where Self: FixedWidthInteger {
    public init(argument: String) throws(InvalidValue) {
        guard let value = Self(argument) else { throw InvalidValue() }
        self = value
    }

    public static var valid: String { Self.isSigned ? "a whole number" : "a whole number, 0 or more" }
    public var argument: String { String(self) }
}

extension Int: OptionValue {}
extension Int32: OptionValue {}
extension UInt64: OptionValue {}

extension Double: OptionValue {
    public init(argument: String) throws(InvalidValue) {
        guard let value = Double(argument), value.isFinite else { throw InvalidValue() }
        self = value
    }

    public static var valid: String { "a number" }
    public var argument: String { String(self) }
}

extension String: OptionValue {
    public init(argument: String) throws(InvalidValue) { self = argument }

    public static var valid: String { "a text" }
    public var argument: String { self }
}

/// A length of time: `500ms`, `5s`, `2m`, `1h`; a bare number is seconds.
extension Duration: OptionValue {
    public init(argument: String) throws(InvalidValue) {
        let digits = argument.utf8.prefix { (48...57).contains($0) || $0 == 46 }
        let milliseconds: Double
        switch Array(argument.utf8.dropFirst(digits.count)) {
        case Array("ms".utf8): milliseconds = 1
        case [], Array("s".utf8): milliseconds = 1_000
        case Array("m".utf8): milliseconds = 60_000
        case Array("h".utf8): milliseconds = 3_600_000
        default: throw InvalidValue()
        }
        // A year is more than any wait; the bound keeps the arithmetic from overflowing.
        guard let number = Double(Substring(digits)), number * milliseconds >= 1,
            number * milliseconds < 31_536_000_000
        else { throw InvalidValue() }
        self = .milliseconds(Int64(number * milliseconds))
    }

    public static var valid: String { "a length of time from 1ms to a year, such as 500ms, 5s, 2m or 1h" }

    public var argument: String {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        return milliseconds.isMultiple(of: 1_000) ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}

/// Which values of a type an option takes.
public struct Valid<Value: OptionValue>: Sendable {
    /// What is valid, as it follows "it must be".
    let text: String
    let accepts: @Sendable (Value) -> Bool

    /// - Parameter text: what is valid, as it follows "it must be".
    public init(_ text: String, _ accepts: @escaping @Sendable (Value) -> Bool) {
        (self.text, self.accepts) = (text, accepts)
    }
}

extension Valid where Value: Comparable {
    public static func range(_ range: ClosedRange<Value>) -> Valid {
        Valid("from \(range.lowerBound.argument) to \(range.upperBound.argument)") { range.contains($0) }
    }

    public static func atLeast(_ least: Value) -> Valid {
        Valid("\(least.argument) or more") { $0 >= least }
    }
}
