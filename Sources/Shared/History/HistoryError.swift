/// Why the history can't be read or written; the run must not go on without it.
public struct HistoryError: Error, Sendable, CustomStringConvertible {
    public let path: String
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "history \(path): \(reason)" }
}
