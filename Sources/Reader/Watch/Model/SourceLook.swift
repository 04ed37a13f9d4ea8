import Model

/// What one look at the source told.
struct SourceLook: Sendable, Equatable {
    /// The address that the server has for itself; the name where Patroni tells it.
    var node: String
    var timeline: Timeline
    /// The end of the log.
    var position: LSN
    /// Tuples of the table that were inserted, updated or deleted, as the statistics count.
    var changes: Int64
    /// `nil` where the server does not have the slot.
    var slot: SlotLook?

    struct SlotLook: Sendable, Equatable {
        var isActive: Bool
        var walStatus: String?
        var restart: LSN?
        var confirmed: LSN?
        var safeBytes: Int64?
    }
}
