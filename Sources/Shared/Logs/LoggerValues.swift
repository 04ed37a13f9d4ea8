extension Logger {
    /// How severe a message is.
    public enum Level: String, Sendable, CaseIterable, Comparable, Codable {
        case trace, debug, info, notice, warning, error, critical

        /// By severity: `trace` is the least.
        public static func < (left: Level, right: Level) -> Bool { left.severity < right.severity }

        /// Its place among all, from 0.
        var severity: UInt8 {
            switch self {
            case .trace: 0
            case .debug: 1
            case .info: 2
            case .notice: 3
            case .warning: 4
            case .error: 5
            case .critical: 6
            }
        }
    }

    /// What a message says: a literal, with values where it must have some.
    public struct Message: Sendable, Equatable, ExpressibleByStringInterpolation, CustomStringConvertible {
        public let description: String

        public init(stringLiteral value: String) { description = value }
    }

    /// A value beside a message.
    public struct MetadataValue: Sendable, Equatable, ExpressibleByStringInterpolation,
        CustomStringConvertible
    {
        public let description: String

        public init(stringLiteral value: String) { description = value }
    }

    /// Values beside a message, by their names.
    public typealias Metadata = [String: MetadataValue]
}
