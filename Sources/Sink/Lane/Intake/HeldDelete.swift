import Model

/// A delete that is the first half of a key change, waiting for the second.
///
/// Debezium writes a change of a row's key as delete (header `__debezium.newkey`), tombstone and create (header
/// `__debezium.oldkey`). Until the create comes the partition's progress stays in front of the delete, so
/// that the halves are never applied apart because a batch or the process ended between them.
struct HeldDelete {
    let route: Int
    let row: Row
    let offset: Int64
    /// The offset after the last record that is held, and when that was produced.
    var next: Int64
    var timestamp: Int64?
    /// The create may be in another partition; then nobody must wait for it.
    let end = Deadline.after(.seconds(2))

    /// How many records are held: the delete, and its tombstone where that came.
    var recordCount: Int { next == offset + 1 ? 1 : 2 }

    /// Takes the delete's tombstone as part of it.
    mutating func takeTombstone(at offset: Int64, _ timestamp: Int64?) {
        (next, self.timestamp) = (offset + 1, timestamp)
    }
}
