/// When failed tasks are restarted: at once, then after pauses that double, from one failure to the next.
struct RestartSchedule: Sendable, Equatable {
    private static let first: UInt64 = 1_000_000_000
    private static let longest: UInt64 = 30_000_000_000
    /// A task that ran for so long has recovered.
    private static let recovered: UInt64 = 10_000_000_000

    private var failures = 0
    private var notBefore: UInt64 = 0
    private var runningSince: UInt64?

    /// Forgets the failures: what was in the way is gone.
    mutating func reset() {
        self = RestartSchedule()
    }

    /// Notes what the tasks do at this moment of the monotonic clock.
    mutating func see(isRunning: Bool, at now: UInt64) {
        guard isRunning else {
            runningSince = nil
            return
        }
        let since = runningSince ?? now
        runningSince = since
        if now - since >= Self.recovered { failures = 0 }
    }

    /// Whether failed tasks may be restarted now.
    func isDue(at now: UInt64) -> Bool { now >= notBefore }

    /// They were restarted.
    mutating func restarted(at now: UInt64) {
        notBefore = now + min(Self.longest, Self.first << UInt64(min(failures, 5)))
        failures += 1
    }
}
