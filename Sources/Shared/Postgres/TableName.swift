/// A table's name as SQL takes it: every part quoted.
public struct TableName: Sendable, Equatable, CustomStringConvertible {
    /// The column that names a row.
    public static let keyColumn = "id"
    /// The column that holds the token.
    public static let valueColumn = "current_value"

    private let parts: [String]
    /// What `quoted` begins with where no schema is given.
    private var defaultSchema: String?

    /// - Parameter name: `table` or `schema.table`, not quoted.
    /// - Throws: `UnquotableText` where a part can't be a name in PostgreSQL.
    public init(_ name: String) throws(UnquotableText) {
        parts = name.parts(at: ".", limit: 2, keepingEmpty: true)
        for part in parts { try checkIdentifier(part) }
    }

    /// This name, in `public` where it has no schema: a session whose `search_path` is pinned looks nowhere else.
    public var inPublic: TableName {
        var name = self
        name.defaultSchema = "public"
        return name
    }

    /// `nil` where none is given.
    public var schema: String? { parts.count > 1 ? parts[0] : defaultSchema }

    /// The table without its schema.
    public var bare: String { parts.last ?? "" }

    public var description: String { parts.joined(separator: ".") }

    /// The name for a statement.
    public var quoted: String {
        ([schema].compactMap { $0 } + [bare]).map { quotedIdentifier($0) }.joined(separator: ".")
    }
}
