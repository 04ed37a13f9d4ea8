import Journal
import Tables

/// Whether every row holds its last acknowledged write, or a later one that may have happened.
struct AcknowledgedWritesCheck: Check {
    enum Side: String, Sendable {
        case source, destination
    }

    var side: Side

    var name: String { "acknowledged at \(side.rawValue)" }

    // The source is the end of the writer's own way: what it holds is final without a fence.
    var judgesWithoutFence: Bool { side == .source }

    func judge(_ evidence: Evidence, _ facts: Facts) -> CheckResult {
        let table = side == .source ? evidence.source : evidence.destination
        let journal = evidence.journal
        var lost = Finding("lost-at-\(side.rawValue)")
        var (acknowledgedCount, excused) = (0, 0)
        for (id, attempts) in journal.attempts.sorted(by: { $0.key < $1.key }) {
            let acknowledged = attempts.filter(\.isAcknowledged)
            let count = acknowledged.count
            acknowledgedCount += count
            let value = table.rows[id].map { journal.valueBeforeFences($0.value, of: id) }
            if let value, journal.origin(of: value, in: id) == .foreign { continue }
            // Tokens of a row only rise, so all acknowledged ones above the found value are lost.
            var missing = acknowledged.filter { $0.token > value ?? .min }
            if side == .source { missing = facts.lost[id] ?? [] }
            let unexcused = missing.filter {
                !(evidence.forks.mayLose && facts.isLostByFork($0, of: id))
            }
            excused += missing.count - unexcused.count
            guard let last = unexcused.max(by: { $0.token < $1.token }) else { continue }
            let text =
                value.map {
                    "key \(id) holds \($0); acknowledged on timeline \(last.timeline): \(last.token)"
                        + ($0 > last.token ? ", which a later write did not find" : "")
                } ?? "key \(id): the row is gone, \(unexcused.count) writes with it"
            lost.add(id, last.token, count: unexcused.count, text)
        }
        return CheckResult(
            name,
            lookedAt: acknowledgedCount,
            findings: [
                (
                    lost, "acknowledged write lost at the \(side.rawValue)",
                    "acknowledged writes lost at the \(side.rawValue)"
                )
            ],
            notes: excused == 0
                ? [] : ["\(excused.grouped) lost writes are explained by the fork of an asynchronous cluster"]
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
