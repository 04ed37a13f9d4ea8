import Shared

/// Whether every row holds its last acknowledged write, or a later one that may have happened.
struct AcknowledgedWritesCheck: Check {
    enum Side: String, Sendable {
        case source, destination
    }

    var side: Side

    var name: String { "acknowledged at \(side.rawValue)" }

    // The source is the end of the writer's own way: what it holds is final without a fence.
    var judgesWithoutFence: Bool { side == .source }

    func judge(_ evidence: Evidence) -> CheckResult {
        let table = side == .source ? evidence.source : evidence.destination
        let journal = evidence.journal
        var (lost, foreign) = (Finding(), Finding())
        var acknowledgedCount = 0
        for (id, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let acknowledged = attempts.lazy.filter(\.isAcknowledged)
            let count = acknowledged.count
            acknowledgedCount += count
            guard let value = table.rows[id].map({ journal.valueBeforeFences($0.value, of: id) }) else {
                if count > 0 {
                    lost.add(id, count: count, "key \(id): the row is gone, \(count) writes with it")
                }
                continue
            }
            if journal.origin(of: value, in: id) == .foreign {
                foreign.add(id, "key \(id) holds \(value), which no attempt wrote")
                continue
            }
            // Tokens of a row only rise, so all acknowledged ones above the found value are lost.
            let missing = acknowledged.filter { $0.token > value }
            guard let last = missing.max(by: { $0.token < $1.token }) else { continue }
            lost.add(
                id,
                count: missing.count,
                "key \(id) holds \(value); acknowledged on timeline \(last.timeline): \(last.token)"
            )
        }
        return CheckResult(
            name,
            lookedAt: acknowledgedCount,
            findings: [
                (
                    lost, "acknowledged write lost at the \(side.rawValue)",
                    "acknowledged writes lost at the \(side.rawValue)"
                ),
                (
                    foreign, "foreign value at the \(side.rawValue)",
                    "foreign values at the \(side.rawValue)"
                ),
            ]
        )
    }
}

extension Journal {
    /// What a row held before markers were put on it: a marker must not hide that a write under it is gone.
    func valueBeforeFences(_ value: Int64, of id: Int64) -> Int64 {
        var value = value
        for fence in (fences[id] ?? []).reversed() where fence.token == value {
            value = fence.previous
        }
        return value
    }
}
