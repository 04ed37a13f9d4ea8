/// What a change event did at the source.
enum EventKind: String, CaseIterable {
    case insert, update, delete, truncate
    /// A row of a snapshot.
    case read
    /// A record that is the row itself: inserted or updated, it does not say.
    case upsert
}

/// Events by kind; a plain value that the lane adds to per event, and hands over once a batch.
struct EventCounts: Equatable {
    private var counts = [Int](repeating: 0, count: EventKind.allCases.count)

    /// All of them.
    var total: Int { counts.reduce(0, +) }

    subscript(kind: EventKind) -> Int {
        get { counts[Self.index(kind)] }
        set { counts[Self.index(kind)] = newValue }
    }

    mutating func add(_ other: EventCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    mutating func removeAll() {
        for index in counts.indices { counts[index] = 0 }
    }

    private static func index(_ kind: EventKind) -> Int {
        switch kind {
        case .insert: return 0
        case .update: return 1
        case .delete: return 2
        case .truncate: return 3
        case .read: return 4
        case .upsert: return 5
        }
    }
}
