/// Spreads the comparison of a table over time, so that it costs a server no more than a share of one core.
struct ScanBudget: Sendable {
    /// The share of one core, 0.004 is 0.4 %.
    let share: Double
    /// How long a step should take, in nanoseconds.
    let stepTarget: UInt64
    /// Rows of the next step.
    private(set) var rows: Int

    static let rowLimits = 256...16_384

    init(share: Double, stepTarget: UInt64 = 4_000_000, rows: Int = 1_024) {
        (self.share, self.stepTarget, self.rows) = (share, stepTarget, rows)
    }

    /// Takes how long the server was busy with a step, in nanoseconds.
    ///
    /// - Returns: how long to wait before the next one, in nanoseconds.
    mutating func spent(_ busy: UInt64) -> UInt64 {
        if busy > 2 * stepTarget {
            rows = max(Self.rowLimits.lowerBound, rows / 2)
        } else if busy * 2 < stepTarget {
            rows = min(Self.rowLimits.upperBound, rows * 2)
        }
        return UInt64(Double(busy) / share)
    }
}
