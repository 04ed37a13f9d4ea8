import Shared

/// A table's name as SQL takes it: every part quoted.
struct TableName: Sendable, Equatable, CustomStringConvertible {
    /// The column that names a row.
    static let keyColumn = "id"
    /// The column that holds the token.
    static let valueColumn = "current_value"

    private let parts: [String]

    /// - Parameter name: `table` or `schema.table`, not quoted.
    init(_ name: String) {
        parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    }

    var description: String { parts.joined(separator: ".") }

    /// The name for a statement.
    var quoted: String { parts.map(quotedIdentifier).joined(separator: ".") }
}
