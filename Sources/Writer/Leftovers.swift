import Model

/// What one worker, or all of them, left undone at the end of a run.
struct Leftovers: Sendable {
    /// When writing ended and draining began.
    var end: Moment
    /// Attempts whose outcome is still unknown.
    var openInfoCount: Int
    /// Writes of an open loop that were due and never begun, or failed and not begun again.
    var backlogCount: Int
    /// Writes that were given up because they were too late.
    var missedCount = 0

    /// What two left undone together.
    static func + (left: Leftovers, right: Leftovers) -> Leftovers {
        Leftovers(
            end: left.end.monotonic < right.end.monotonic ? left.end : right.end,
            openInfoCount: left.openInfoCount + right.openInfoCount,
            backlogCount: left.backlogCount + right.backlogCount,
            missedCount: left.missedCount + right.missedCount
        )
    }
}
