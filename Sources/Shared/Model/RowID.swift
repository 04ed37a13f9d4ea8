/// The key of a row that the writer writes: it names the row in the source, in the topic and in the destination.
public struct RowID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    public let rawValue: Int64

    public init(_ rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(integerLiteral rawValue: Int64) {
        self.rawValue = rawValue
    }

    public var description: String { String(rawValue) }

    public static func < (left: RowID, right: RowID) -> Bool {
        left.rawValue < right.rawValue
    }
}
