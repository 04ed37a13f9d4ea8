/// Whether a partition's log may have become another one while nobody looked.
///
/// While a lane fetches, the brokers refuse its offset as soon as a topic is made anew, for nothing is there yet. A lane that
/// was paused and a process that slept see the topic only when it has more records than before, and would go on in the
/// middle of them.
struct LogDoubt {
    /// How long a lane may be away, in nanoseconds, before it asks.
    private static let limit: UInt64 = 2_000_000_000

    private var lastTurn: UInt64?
    private var isOpen = false

    /// A lane is at work, at this time in monotonic nanoseconds.
    mutating func turn(at time: UInt64) {
        if let lastTurn, time - lastTurn > Self.limit { isOpen = true }
        lastTurn = time
    }

    /// Fetching goes on after a pause.
    mutating func resumed() { isOpen = true }

    /// Whether to ask, which settles it.
    mutating func take(at time: UInt64) -> Bool {
        turn(at: time)
        defer { isOpen = false }
        return isOpen
    }
}
