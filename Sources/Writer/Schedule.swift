/// When each write of one worker is meant to start.
///
/// Open loop: write k is due at `start + k / rate` whether the earlier ones are done or not, and worker w takes
/// k ≡ w (mod workers). So an outage shows in the latency of every write that was due in it, and the backlog is
/// worked off afterwards. Closed loop: a write is due when the one before it is done.
struct Schedule: Sendable {
    /// Writes a second over all workers; `nil` is closed loop.
    let rate: Int?
    /// Nanoseconds of the monotonic clock.
    let start: UInt64
    let worker: Int
    let workerCount: Int
    private(set) var takenCount = 0

    init(rate: Int?, start: UInt64, worker: Int, workerCount: Int) {
        (self.rate, self.start, self.worker, self.workerCount) = (rate, start, worker, workerCount)
    }

    /// Takes the next write: the moment at which it is meant to start, in the past if there is a backlog.
    mutating func takeNext(now: UInt64) -> UInt64 {
        defer { takenCount += 1 }
        guard let rate else { return max(now, start) }
        let index = UInt64(takenCount * workerCount + worker)
        return start + index * 1_000_000_000 / UInt64(rate)
    }

    /// How many writes of this worker are due by `now` and not taken.
    func backlogCount(now: UInt64) -> Int {
        guard let rate, now >= start else { return 0 }
        let (seconds, nanoseconds) = (now - start).quotientAndRemainder(dividingBy: 1_000_000_000)
        let last = Int(seconds) * rate + Int(nanoseconds) * rate / 1_000_000_000
        guard last >= worker else { return 0 }
        return max(0, (last - worker) / workerCount + 1 - takenCount)
    }
}
