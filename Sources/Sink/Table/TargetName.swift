/// The table that records go to, as the configuration or a record names it.
struct TargetName: Hashable, Sendable {
    /// `nil` where the schema is looked for as the session's role looks names up.
    let schema: String?
    let table: String

    init(schema: String, table: String) {
        (self.schema, self.table) = (schema, table)
    }

    /// Whether a table of this name may be the other one, which has a schema.
    func mayBe(_ other: TargetName) -> Bool {
        table.isSame(as: other.table) && (schema.map { $0.isSame(as: other.schema ?? "") } ?? true)
    }

    /// - Parameter name: `table` or `schema.table`, not quoted; `TableNameFormat` lets no other dots in.
    init(_ name: String) {
        let bytes = name.utf8
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")), dot > bytes.startIndex,
            bytes.index(after: dot) < bytes.endIndex
        else {
            (schema, table) = (nil, name)
            return
        }
        schema = String(name[..<dot])
        table = String(name[bytes.index(after: dot)...])
    }
}
