import Postgres

/// A column that marks rows as deleted, where deletes remove none: `delete.mode` soft.
struct SoftDelete: Hashable, Sendable {
    enum Kind: Sendable {
        /// A boolean: true.
        case flag
        /// A timestamp: when the sink applied the delete.
        case moment
    }

    let column: String
    let kind: Kind

    /// What the column of a deleted row holds, as SQL.
    var mark: String {
        switch kind {
        case .flag: "true"
        case .moment: "now()"
        }
    }

    /// What the column of any other row holds, as SQL.
    var clear: String {
        switch kind {
        case .flag: "false"
        case .moment: "null"
        }
    }

    /// The condition that a row is not marked: a row keeps the time of its first delete.
    func isClear(of table: String) -> String {
        let column = "\(table).\(quotedIdentifier(column))"
        switch kind {
        case .flag: return "\(column) is not true"
        case .moment: return "\(column) is null"
        }
    }
}

/// What a delete does to its row: `delete.mode`.
enum DeleteMode: String, CaseIterable, Sendable {
    /// The row is removed.
    case hard
    /// The row is marked in a column.
    case soft
}
