import Commands

/// What becomes of the writes that are due while nothing can be written.
enum BacklogPolicy: String, CaseIterable, OptionValue {
    /// They are made afterwards, with the latency that they had.
    case queue
    /// Those more than a second late are not made, and counted as missed.
    case drop
}

/// When each write of one worker is meant to start.
///
/// Open loop: write k is due at `start + k / rate` whether the earlier ones are done or not, and worker w takes
/// k ≡ w (mod workers). So an outage shows in the latency of every write that was due in it, and the backlog is
/// worked off afterwards, or dropped. Closed loop: a write is due when the one before it is done.
struct Schedule: Sendable {
    /// How late a write may be before `drop` gives it up, in nanoseconds.
    static let patience: UInt64 = 1_000_000_000

    /// Writes a second over all workers; `nil` is closed loop.
    let rate: Int?
    /// Nanoseconds of the monotonic clock.
    let start: UInt64
    let worker: Int
    let workerCount: Int
    let backlog: BacklogPolicy
    /// Writes that are taken or given up.
    private(set) var takenCount = 0
    /// Writes that were given up because they were too late.
    private(set) var missedCount = 0

    init(rate: Int?, start: UInt64, worker: Int, workerCount: Int, backlog: BacklogPolicy = .queue) {
        (self.rate, self.start, self.worker, self.workerCount) = (rate, start, worker, workerCount)
        self.backlog = backlog
    }

    /// Takes the next write: the moment at which it is meant to start, in the past if there is a backlog.
    mutating func takeNext(now: UInt64) -> UInt64 {
        guard let rate else {
            takenCount += 1
            return max(now, start)
        }
        if backlog == .drop, now > Self.patience {
            let late = backlogCount(now: now - Self.patience)
            takenCount += late
            missedCount += late
        }
        defer { takenCount += 1 }
        let index = UInt64(takenCount * workerCount + worker)
        return start + index * 1_000_000_000 / UInt64(rate)
    }

    /// Whether a write that was begun is too late to be tried again; then it is counted as missed.
    mutating func givesUp(_ intended: UInt64, now: UInt64) -> Bool {
        guard rate != nil, backlog == .drop, intended + Self.patience < now else { return false }
        missedCount += 1
        return true
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
