/// How rows after a change get into the table: `insert.mode`.
enum InsertMode: String, CaseIterable, Sendable {
    /// A plain INSERT for every record; a key that is there already stops the sink.
    case insert
    /// An INSERT that leaves a key that is there already as it is.
    case ignore = "insert_ignore"
    /// The row is inserted, or replaces the one of its key.
    case upsert
    /// The row of the key is changed; where there is none, nothing happens.
    case update

    /// Whether a row that is there already is changed.
    var changesRows: Bool { self == .upsert || self == .update }

    /// Aiven's name for rows in one statement, as they always are here.
    static let otherNames: [String: InsertMode] = ["multi": .insert]
}
