import Model

/// What may be on its way when a record is refused for the first time: where the partitions ended whose rows it may need.
///
/// No try is spent as long as these partitions get on; one that stands still may be between two owners. Two records that wait
/// for each other keep each other's partition where it is, so that their tries are spent after a minute.
struct AwaitedRows {
    private var ends: [TopicPartition: Int64]
    private var stored: [TopicPartition: Int64]
    /// When one of them got on, in nanoseconds of the monotonic clock.
    private var lastMove: UInt64
    /// More than a session of a group that loses a member lasts.
    private static let patience: UInt64 = 60_000_000_000

    static let nothing = AwaitedRows(ends: [:], stored: [:], at: 0)

    var places: [TopicPartition] { ends.keys.sorted() }

    init(ends: [TopicPartition: Int64], stored: [TopicPartition: Int64], at now: UInt64) {
        self.ends = ends.filter { $0.value > stored[$0.key] ?? 0 }
        (self.stored, lastMove) = (stored, now)
    }

    /// Takes how far the partitions are applied now.
    ///
    /// - Returns: whether there is something to wait for: one that has not reached its end, or just did, and none of them has
    ///   stood still for too long.
    mutating func advance(to found: [TopicPartition: Int64], at now: UInt64) -> Bool {
        let moved = ends.contains { place, _ in (found[place] ?? 0) > (stored[place] ?? 0) }
        if moved { lastMove = now }
        ends = ends.filter { $0.value > found[$0.key] ?? 0 }
        stored = found
        return moved || !ends.isEmpty && now - lastMove < Self.patience
    }
}
