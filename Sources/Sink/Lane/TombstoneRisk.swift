/// Whether compaction may have taken deletes that were never read.
///
/// Kafka keeps a tombstone for `delete.retention.ms` after it is cleaned (KIP-534), and then forgets it; the log's start does
/// not move by that, so no offset tells. Whoever has read a row's record and comes back later than that finds neither
/// record nor tombstone, and keeps the row for ever.
struct TombstoneRisk: Equatable {
    /// `delete.retention.ms` of a topic that is compacted.
    let retention: Int64

    /// What a topic's settings say; `nil` where no tombstone is taken.
    init?(settings: [String: String]) {
        guard
            settings["cleanup.policy", default: ""].parts(at: ",").contains(where: { $0.trimmed == "compact" }
            ),
            let retention = settings["delete.retention.ms"].flatMap({ Int64($0) })
        else { return nil }
        self.retention = retention
    }

    /// How long before the retention's end it is too late: what is there must be read as well.
    var margin: Int64 { min(retention / 10, 3_600_000) }

    /// Whether deletes may be missing.
    ///
    /// - Parameters:
    ///   - safeSince: when nothing can have been missed, in milliseconds since 1970: the progress began, everything was
    ///     read, or the last record that was applied was written, whichever is later.
    ///   - hasUnread: whether there is anything after the stored offset, also what compaction has emptied.
    func isLost(safeSince: Int64, hasUnread: Bool, now: Int64) -> Bool {
        hasUnread && now - safeSince > retention - margin
    }
}
