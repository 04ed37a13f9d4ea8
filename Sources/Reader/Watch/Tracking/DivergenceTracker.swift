import Tables

/// Rows that diverge under load: a difference counts only when it has outlived the lag.
///
/// Each look compares what the destination held with what the source held *later*. So a row that is ahead
/// of the source is wrong already, and one that is behind is only suspected, until it has had the time to
/// reach the value that the source held when the suspicion began.
struct DivergenceTracker: Sendable {
    enum Kind: String, Sendable, CaseIterable, Codable {
        case missing, extra, behind, ahead
    }

    private struct Suspicion: Sendable {
        var kind: Kind
        var since: UInt64
        /// When it was last looked at.
        var seen: UInt64
        /// The value that the row must reach; for `behind`.
        var target: Int64
    }

    /// More rows than this are not followed one by one.
    static let capacity = 10_000

    private var suspicions: [Int64: Suspicion] = [:]

    init() {}

    /// Compares what both sides hold of some rows; `destination` was read before `source`.
    mutating func compare(
        _ part: TablePart,
        source: [Int64: Int64],
        destination: [Int64: Int64],
        at time: UInt64
    ) {
        var next: [Int64: Suspicion] = [:]
        func suspect(_ id: Int64, _ kind: Kind, _ target: Int64) {
            if var known = suspicions[id], known.kind == kind {
                // A row that has reached its old target is on its way, and only not there yet.
                let isMoving = kind == .behind && (destination[id] ?? .min) >= known.target
                known.seen = time
                next[id] = isMoving ? Suspicion(kind: kind, since: time, seen: time, target: target) : known
            } else {
                next[id] = Suspicion(kind: kind, since: time, seen: time, target: target)
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
        for id in suspicions.keys where part.contains(id) { suspicions[id] = nil }
        for (id, suspicion) in next where suspicions.count < Self.capacity { suspicions[id] = suspicion }
    }

    /// The suspected rows that were looked at longest ago.
    func rowsToAsk(limit: Int) -> [Int64] {
        suspicions.sorted { ($0.value.seen, $0.key) < ($1.value.seen, $1.key) }.prefix(limit).map(\.key)
    }

    /// Rows that differ for at least `grace` nanoseconds, by kind, and those that differ for less.
    func counts(grace: UInt64) -> (divergent: [Kind: Int], maybe: Int) {
        var divergent: [Kind: Int] = [:]
        var maybe = 0
        for suspicion in suspicions.values {
            if suspicion.seen - suspicion.since >= grace {
                divergent[suspicion.kind, default: 0] += 1
            } else {
                maybe += 1
            }
        }
        return (divergent, maybe)
    }
}

/// Which rows of a table were looked at.
enum TablePart: Sendable, Equatable {
    /// Keys above the first bound, up to the second; without the second, all above.
    case range(above: Int64, through: Int64?)
    case rows(Set<Int64>)

    func contains(_ id: Int64) -> Bool {
        switch self {
        case .range(let low, let high): id > low && (high.map { id <= $0 } ?? true)
        case .rows(let ids): ids.contains(id)
        }
    }
}

/// Rows and partitions of the destination that went back to before what they had shown.
struct RewindTracker: Sendable {
    /// More rows than this are not remembered.
    static let capacity = 100_000

    private var highest: [Int64: Int64] = [:]
    private var furthest: [Int32: Int64] = [:]
    /// Rows that have not come back to their highest value yet.
    private(set) var rewoundRows: Set<Int64> = []
    /// Partitions whose stored offset has not come back to its highest value yet.
    private(set) var rewoundPartitions: Set<Int32> = []

    init() {}

    mutating func see(_ values: [Int64: Int64]) {
        for (id, value) in values {
            let known = highest[id] ?? .min
            if value < known {
                rewoundRows.insert(id)
            } else {
                rewoundRows.remove(id)
                if value > known, highest.count < Self.capacity || known != .min { highest[id] = value }
            }
        }
    }

    /// The row is gone at the source.
    mutating func forget(_ id: Int64) {
        highest[id] = nil
        rewoundRows.remove(id)
    }

    mutating func see(progress: [Int32: SinkProgress]) {
        for (partition, place) in progress {
            if place.nextOffset < furthest[partition] ?? 0 {
                rewoundPartitions.insert(partition)
            } else {
                rewoundPartitions.remove(partition)
                furthest[partition] = place.nextOffset
            }
        }
    }
}
