/// How rows after a change get into the table: `insert.mode`.
enum InsertMode: String, CaseIterable, Sendable {
    /// A plain INSERT for every record; a key that is there already stops the sink.
    case insert
    /// The row is inserted, or replaces the one of its key.
    case upsert
    /// The row of the key is changed; where there is none, nothing happens.
    case update

    /// Aiven's name for rows in one statement, as they always are here.
    static let otherNames: [String: InsertMode] = ["multi": .insert]
}
