/// What the leader of a partition has of its log.
struct LogBounds: Equatable {
    /// The first offset.
    let low: Int64
    /// The offset after the last record.
    var high: Int64
    /// How often the partition had had another leader; `nil` where the broker does not say.
    let leaderEpoch: Int32?
}
