/// How two values of a key's column are known to be one.
///
/// A batch has one change for each key, so keys that are equal for the server must be one for the batch, too.
enum KeyEquality: Hashable, Sendable {
    /// Equal values have equal bytes, once `KeyText` has brought them to one form.
    case bytes
    /// Only the server can tell: it is asked in the transaction, and a batch that has one key in two spellings is
    /// divided. The collation stands here where it is not deterministic, as SQL writes it.
    case server(collation: String?)

    /// - Parameter collation: the column's collation where it is not deterministic.
    /// - Returns: `nil` for a type that has no equality, or that keys cannot be carried in.
    init?(_ type: CatalogType, _ column: ColumnType, collation: String? = nil) {
        guard case .value(let form, _) = column else {
            self = .bytes
            return
        }
        switch form {
        case .text where type.kind == "b" && type.isBuiltIn:
            guard !["xml", "tsvector"].contains(type.name) else { return nil }
            let isExact = ["text", "varchar", "uuid"].contains(type.name) && collation == nil
            self = isExact ? .bytes : .server(collation: collation)
        case .text where type.kind == "e": self = .bytes
        // inet, cidr, macaddr, pg_lsn and what extensions bring: citext, isbn; ranges.
        case .text: self = .server(collation: collation)
        case .name, .paddedText: self = collation == nil ? .bytes : .server(collation: collation)
        case .boolean, .integer, .float, .numeric, .bytea, .bit, .date, .time, .timestamp, .zonedTimestamp:
            self = .bytes
        case .zonedTime, .interval, .varyingBit: self = .server(collation: nil)
        default: return nil
        }
    }
}
