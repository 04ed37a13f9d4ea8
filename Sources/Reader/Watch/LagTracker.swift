import Shared

/// The moment when the client was told that a write had happened.
struct Acknowledgement: Sendable, Equatable {
    var id: Int64
    var token: Int64
    /// Nanoseconds of the monotonic clock.
    var time: UInt64
}

/// End-to-end lag: from a token's acknowledgement at the source to the moment when the destination shows
/// it, or a later one of the same row.
struct LagTracker: Sendable {
    /// An acknowledged token, or several of one row that are counted as acknowledged with the oldest.
    private struct Pending: Sendable {
        var token: Int64
        var acknowledged: UInt64
        var count: UInt64
    }

    /// More open tokens of one row than this are joined, so that a pipeline that stands still for hours
    /// costs no memory; the joined ones are counted with the oldest one's time, never with too short a lag.
    static let openTokensPerRow = 64

    private var pending: [Int64: [Pending]] = [:]
    private var sawDestination = false
    /// What became visible since the last call of `takeInterval`.
    private var interval = LatencyHistogram()
    /// What became visible since the begin.
    private(set) var total = LatencyHistogram()
    private let start: UInt64

    /// - Parameter start: when watching begins, in nanoseconds of the monotonic clock.
    init(start: UInt64) {
        self.start = start
    }

    /// Notes that a token was acknowledged.
    mutating func take(_ write: Acknowledgement) {
        var row = pending[write.id] ?? []
        if row.count >= Self.openTokensPerRow, let last = row.indices.last {
            row[last].token = max(row[last].token, write.token)
            row[last].count += 1
        } else {
            row.append(Pending(token: write.token, acknowledged: write.time, count: 1))
        }
        pending[write.id] = row
    }

    /// Notes what the destination held at a time.
    ///
    /// - Returns: whether anything became visible.
    @discardableResult
    mutating func see(_ values: [Int64: Int64], at time: UInt64) -> Bool {
        let before = pending.count
        var didSee = false
        for (id, row) in pending {
            guard let value = values[id] else { continue }
            let rest = row.filter { $0.token > value }
            guard rest.count < row.count else { continue }
            didSee = true
            for token in row where token.token <= value { record(token, at: time) }
            pending[id] = rest.isEmpty ? nil : rest
        }
        sawDestination = true
        return didSee || pending.count < before
    }

    private mutating func record(_ token: Pending, at time: UInt64) {
        // What was visible when watching began may have been so for long: its lag is not known.
        guard sawDestination || token.acknowledged >= start else { return }
        // Visible before the acknowledgement reached the writer is no lag at all.
        let lag = time > token.acknowledged ? (time - token.acknowledged) / 1_000 : 0
        interval.record(microseconds: lag, count: token.count)
        total.record(microseconds: lag, count: token.count)
    }

    /// How long the oldest acknowledged token waits to become visible, in microseconds; `nil` when none does.
    func oldestAge(at time: UInt64) -> UInt64? {
        guard let oldest = pending.values.lazy.compactMap(\.first?.acknowledged).min() else { return nil }
        return time > oldest ? (time - oldest) / 1_000 : 0
    }

    /// How many acknowledged tokens are not visible.
    var pendingCount: UInt64 {
        pending.values.lazy.joined().reduce(0) { $0 + $1.count }
    }

    /// The ages of all tokens that are not visible yet.
    func ages(at time: UInt64) -> LatencyHistogram {
        var ages = LatencyHistogram()
        for token in pending.values.lazy.joined() where time > token.acknowledged {
            ages.record(microseconds: (time - token.acknowledged) / 1_000, count: token.count)
        }
        return ages
    }

    /// What became visible since the last call.
    mutating func takeInterval() -> LatencyHistogram {
        defer { interval = LatencyHistogram() }
        return interval
    }
}
