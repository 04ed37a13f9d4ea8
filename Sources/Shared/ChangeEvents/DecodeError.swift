/// Why bytes are not what they must be, and where; never the bytes themselves.
public struct DecodeError: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String
    /// The offending byte's place in the key or value.
    public let byteOffset: Int
    /// Whether the table lacks what every record of its kind needs, so that the record is not to blame.
    public let concernsTable: Bool

    public init(_ reason: String, at byteOffset: Int, concernsTable: Bool = false) {
        self.reason = reason
        self.byteOffset = byteOffset
        self.concernsTable = concernsTable
    }

    public var description: String { "\(reason) at byte \(byteOffset)" }
}
