/// How a column's values travel: from which JSON, as which parameter type.
enum ColumnType: Hashable, Sendable {
    case smallint, integer, bigint
    case boolean
    /// Sent as text and read by the column type's own input function.
    case text(castTo: String?)
    /// JSON numbers sent as their text, so that the server rounds, not this program.
    case number(castTo: String)

    /// The column type that the catalog names, or `nil` where its values can't be carried exactly yet.
    init?(catalogName: String) {
        switch catalogName {
        case "smallint": self = .smallint
        case "integer": self = .integer
        case "bigint": self = .bigint
        case "boolean": self = .boolean
        case "text": self = .text(castTo: nil)
        case "uuid", "json", "jsonb": self = .text(castTo: catalogName)
        case "real", "double precision": self = .number(castTo: catalogName)
        // Not cast: an explicit cast to varchar(n) cuts silently, the assignment refuses what is too long.
        case let name where name.hasPrefix("character varying"): self = .text(castTo: nil)
        default: return nil
        }
    }
}

/// A column of a destination table.
struct Column: Hashable, Sendable {
    let name: String
    /// The name's bytes, as they stand between the quotes in JSON.
    let utf8Name: [UInt8]
    let type: ColumnType
    let isKey: Bool

    init(name: String, type: ColumnType, isKey: Bool) {
        (self.name, self.type, self.isKey) = (name, type, isKey)
        utf8Name = Array(name.utf8)
    }
}

/// A destination table as the catalog describes it: key columns first.
struct TableSchema: Hashable, Sendable {
    /// The name as SQL writes it, quoted.
    let qualifiedName: String
    let columns: [Column]
    let keyCount: Int

    var keyColumns: ArraySlice<Column> { columns[..<keyCount] }
}

/// Writes an identifier so that PostgreSQL reads it as it stands.
func quoted(_ identifier: String) -> String {
    "\"" + identifier.replacing("\"", with: "\"\"") + "\""
}
