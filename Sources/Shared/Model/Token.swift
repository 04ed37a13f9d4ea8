/// The value that one attempt to write puts into a row: it names the attempt.
///
/// Tokens are never reused, also not by a retry, and every token of a row is larger than the earlier ones of
/// that row. So a value found anywhere (source, topic, destination) is traced back to one attempt, and a row
/// that goes down has lost something.
public struct Token: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    public let rawValue: Int64

    /// Below every token.
    public static let least = Token(.min)
    /// Above every token.
    public static let greatest = Token(.max)

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(integerLiteral rawValue: Int64) {
        self.rawValue = rawValue
    }

    public var description: String { String(rawValue) }

    /// The next larger token.
    public var next: Token { Token(rawValue + 1) }

    public static func < (left: Token, right: Token) -> Bool {
        left.rawValue < right.rawValue
    }
}
