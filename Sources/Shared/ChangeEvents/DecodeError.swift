/// Why bytes are not what they must be, and where; never the bytes themselves.
public struct DecodeError: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String
    /// The offending byte's place in the key or value.
    public let byteOffset: Int

    public init(_ reason: String, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    public var description: String { "\(reason) at byte \(byteOffset)" }
}
