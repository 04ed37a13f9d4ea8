/// Rows that diverge under load: a difference counts only when it has outlived the lag.
///
/// Each round compares what the destination held with what the source held *later*. So a row that is ahead
/// of the source is wrong already, and one that is behind is only suspected, until it has had the time to
/// reach the value that the source held when the suspicion began.
struct DivergenceTracker: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case missing, extra, behind, ahead
    }

    private struct Suspicion: Sendable {
        var kind: Kind
        var since: UInt64
        /// The value that the row must reach; for `behind`.
        var target: Int64
    }

    private var suspicions: [Int64: Suspicion] = [:]
    private var checked: UInt64 = 0

    init() {}

    /// Compares both sides; `destination` was read before `source`.
    mutating func compare(source: [Int64: Int64], destination: [Int64: Int64], at time: UInt64) {
        checked = time
        var next: [Int64: Suspicion] = [:]
        func suspect(_ id: Int64, _ kind: Kind, _ target: Int64) {
            if let known = suspicions[id], known.kind == kind {
                // A row that has reached its old target is on its way, and only not there yet.
                let isMoving = kind == .behind && (destination[id] ?? .min) >= known.target
                next[id] = isMoving ? Suspicion(kind: kind, since: time, target: target) : known
            } else {
                next[id] = Suspicion(kind: kind, since: time, target: target)
            }
        }
        for (id, value) in source {
            guard let found = destination[id] else {
                suspect(id, .missing, value)
                continue
            }
            if found < value { suspect(id, .behind, value) }
            if found > value { suspect(id, .ahead, value) }
        }
        for (id, value) in destination where source[id] == nil { suspect(id, .extra, value) }
        suspicions = next
    }

    /// Rows that differ for at least `grace` nanoseconds, by kind, and those that differ for less.
    func counts(grace: UInt64) -> (divergent: [Kind: Int], maybe: Int) {
        var divergent: [Kind: Int] = [:]
        var maybe = 0
        for suspicion in suspicions.values {
            if checked - suspicion.since >= grace {
                divergent[suspicion.kind, default: 0] += 1
            } else {
                maybe += 1
            }
        }
        return (divergent, maybe)
    }
}

/// Rows of the destination that went back below a value that they had shown.
struct RewindTracker: Sendable {
    private var highest: [Int64: Int64] = [:]
    /// Rows that have not come back to their highest value yet.
    private(set) var rewoundRows: Set<Int64> = []

    init() {}

    mutating func see(_ values: [Int64: Int64]) {
        for (id, value) in values {
            let known = highest[id] ?? .min
            if value < known {
                rewoundRows.insert(id)
            } else if value > known {
                highest[id] = value
                rewoundRows.remove(id)
            } else {
                rewoundRows.remove(id)
            }
        }
    }
}
