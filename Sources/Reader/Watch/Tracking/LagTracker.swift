import Histogram

/// The moment when the client was told that a write had happened.
struct Acknowledgement: Sendable, Equatable {
    var id: Int64
    var token: Int64
    /// Nanoseconds of the monotonic clock.
    var time: UInt64
}

/// End-to-end lag: from a token's acknowledgement at the source to the moment when the destination shows
/// it, or a later one of the same row.
///
/// Not every write is followed: looking each one up would cost the destination as much as the load does. So
/// many a second are taken, evenly and whatever the lag is, so that a slow time is not left out.
struct LagTracker: Sendable {
    /// An acknowledged token, or several of one row that are counted as acknowledged with the oldest.
    private struct Pending: Sendable {
        var token: Int64
        var acknowledged: UInt64
        /// How many writes it stands for.
        var count: UInt64
        /// How many of them are followed; the others only count as versions.
        var samples: UInt64
        /// Whether the destination was seen without it.
        var wasMissing = false
    }

    /// More open tokens of one row than this are joined, so that a pipeline that stands still for hours
    /// costs no memory; the joined ones are counted with the oldest one's time, never with too short a lag.
    static let openTokensPerRow = 64
    /// When so many rows wait, every second of them is forgotten, and half as many are taken from then on.
    static let openRows = 2_000

    private var pending: [Int64: [Pending]] = [:]
    private var sampling: Sampling
    /// Which of the rows that wait are looked up next.
    private var cursor = 0
    /// What became visible since the last call of `takeInterval`.
    private var interval = LatencyHistogram()
    /// What became visible since the begin.
    private(set) var total = LatencyHistogram()
    private let start: UInt64

    /// - Parameters:
    ///   - start: when watching begins, in nanoseconds of the monotonic clock.
    ///   - samplesPerSecond: how many writes a second are followed.
    init(start: UInt64, samplesPerSecond: Int = .max) {
        self.start = start
        sampling = Sampling(perSecond: samplesPerSecond)
    }

    /// Notes that a token was acknowledged.
    mutating func take(_ write: Acknowledgement) {
        let isSample = sampling.takes(at: write.time)
        guard isSample || pending[write.id] != nil else { return }
        var row = pending[write.id] ?? []
        if row.count >= Self.openTokensPerRow, let last = row.indices.last {
            row[last].token = max(row[last].token, write.token)
            row[last].count += 1
            row[last].samples += isSample ? 1 : 0
        } else {
            row.append(
                Pending(token: write.token, acknowledged: write.time, count: 1, samples: isSample ? 1 : 0)
            )
        }
        pending[write.id] = row
        if pending.count > Self.openRows { thin() }
    }

    /// Keeps the oldest row and every second of the others.
    private mutating func thin() {
        let rows = rowsByAge
        for (place, id) in rows.enumerated() where !place.isMultiple(of: 2) { pending[id] = nil }
        sampling.halve()
    }

    private var rowsByAge: [Int64] {
        pending.sorted {
            ($0.value.first?.acknowledged ?? 0, $0.key) < ($1.value.first?.acknowledged ?? 0, $1.key)
        }
        .map(\.key)
    }

    /// The row is gone at the source, or has another key: nothing of it will become visible.
    mutating func forget(_ id: Int64) {
        pending[id] = nil
    }

    /// The rows to look up next: the oldest that wait, and the others in turn.
    ///
    /// A row that will never be right must not keep the others from being seen.
    mutating func rowsToAsk(limit: Int) -> [Int64] {
        guard pending.count > limit else { return Array(pending.keys) }
        let rows = rowsByAge
        let rest = rows[(limit / 2)...]
        let turn = (0..<(limit - limit / 2)).map { rest[rest.startIndex + (cursor + $0) % rest.count] }
        cursor = (cursor + turn.count) % rest.count
        return Array(rows[..<(limit / 2)]) + turn
    }

    /// Notes what the destination held at a time.
    ///
    /// - Returns: whether anything became visible.
    @discardableResult
    mutating func see(_ values: [Int64: Int64], at time: UInt64) -> Bool {
        var didSee = false
        for (id, value) in values {
            guard let row = pending[id] else { continue }
            var rest = row.filter { $0.token > value }
            for index in rest.indices { rest[index].wasMissing = true }
            if rest.count < row.count { didSee = true }
            for token in row where token.token <= value { record(token, at: time) }
            pending[id] = rest.contains { $0.samples > 0 } ? rest : nil
        }
        if pending.isEmpty { sampling.restore() }
        return didSee
    }

    private mutating func record(_ token: Pending, at time: UInt64) {
        // What was visible when watching began may have been so for long: its lag is not known.
        guard token.samples > 0, token.wasMissing || token.acknowledged >= start else { return }
        // Visible before the acknowledgement reached the writer is no lag at all.
        let lag = time > token.acknowledged ? (time - token.acknowledged) / 1_000 : 0
        interval.record(microseconds: lag, count: token.samples)
        total.record(microseconds: lag, count: token.samples)
    }

    /// How long the oldest acknowledged token waits to become visible, in microseconds; `nil` when none does.
    func oldestAge(at time: UInt64) -> UInt64? {
        guard let oldest = pending.values.lazy.compactMap(\.first?.acknowledged).min() else { return nil }
        return time > oldest ? (time - oldest) / 1_000 : 0
    }

    /// How many of the followed tokens are not visible.
    var pendingCount: UInt64 {
        pending.values.lazy.joined().reduce(0) { $0 + $1.samples }
    }

    /// The ages of all followed tokens that are not visible yet.
    func ages(at time: UInt64) -> LatencyHistogram {
        var ages = LatencyHistogram()
        for token in pending.values.lazy.joined() where token.samples > 0 && time > token.acknowledged {
            ages.record(microseconds: (time - token.acknowledged) / 1_000, count: token.samples)
        }
        return ages
    }

    /// For each row that waits: how many acknowledged writes of it the destination does not show.
    ///
    /// Counted from the first followed write on: what was acknowledged before that was visible or not followed.
    var versionsBehind: [UInt64] {
        pending.values.map { $0.reduce(0) { $0 + $1.count } }
    }

    /// What became visible since the last call.
    mutating func takeInterval() -> LatencyHistogram {
        defer { interval = LatencyHistogram() }
        return interval
    }
}

/// Takes about so many of a stream of events a second, evenly, however many there are.
struct Sampling: Sendable {
    private let wanted: Int
    private var perSecond: Int
    private var second: UInt64 = 0
    private var countThisSecond = 0
    private var takenThisSecond = 0
    private var stride = 1

    init(perSecond: Int) {
        wanted = max(1, perSecond)
        self.perSecond = wanted
    }

    /// Takes half as many from now on.
    mutating func halve() {
        perSecond = max(1, perSecond / 2)
    }

    /// Takes as many again as were asked for.
    mutating func restore() {
        perSecond = wanted
    }

    /// Whether the event at this time is taken, in nanoseconds.
    mutating func takes(at time: UInt64) -> Bool {
        if time / 1_000_000_000 != second {
            // As many as in the last second are expected in this one.
            let wasNext = time / 1_000_000_000 == second + 1
            stride = wasNext ? max(1, (countThisSecond - 1) / perSecond + 1) : 1
            (second, countThisSecond, takenThisSecond) = (time / 1_000_000_000, 0, 0)
        }
        countThisSecond += 1
        // A burst after a quiet second: as many again at most.
        guard countThisSecond.isMultiple(of: stride),
            takenThisSecond < (perSecond > .max / 2 ? .max : 2 * perSecond)
        else { return false }
        takenThisSecond += 1
        return true
    }
}
