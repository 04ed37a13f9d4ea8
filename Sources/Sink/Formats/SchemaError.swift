/// Why a schema cannot be used; its text is not repeated.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) { self.reason = reason.visible }

    public var description: String { reason }
}
