import History

/// What a worker knows about one of its rows.
struct Row: Sendable, Equatable {
    var id: Int64
    /// What the last acknowledged write left, or what was last read; `nil` where there is no row.
    var value: Int64?
    /// Whether that is in doubt; such a row is read before it is written again.
    var isInDoubt = false
}

/// A write that was of unknown outcome and turned out not to have happened: it is made again, on the same rows.
///
/// What the lost attempt left in a stream that had already read it is overwritten by that, too.
struct UndoneWrite: Sendable, Equatable {
    let shape: Shape
    /// When the write was meant to start at first.
    let intended: UInt64
}

/// What makes it necessary to read rows.
struct Doubt: Sendable, Equatable {
    /// What was attempted.
    var attempt: HistoryLine.Attempt
    var shape: Shape
    /// Whether its outcome is unknown; otherwise only the rows were found to be others than expected.
    var isOpen: Bool
    /// When that attempt was meant to start, in nanoseconds of the monotonic clock.
    var intended: UInt64 = 0
    /// Where it was made: only a server of this timeline or a later one can tell.
    var session: HistoryLine.Session

    /// Whether a server can tell: what one of an earlier timeline holds proves nothing.
    func canBeSettled(on server: HistoryLine.Session) -> Bool { server.timeline >= session.timeline }
}

/// What reading the rows in doubt showed.
struct Settlement: Sendable, Equatable {
    /// A key that holds neither what the attempt would have left nor what was acknowledged last.
    struct Surprise: Sendable, Equatable {
        var id: Int64
        var found: Int64?
        var expected: Int64?
    }

    /// Whether the attempt of unknown outcome happened; `nil` if there was none.
    var didHappen: Bool?
    var surprises: [Surprise]
}

extension Settlement {
    /// Settles a doubt by the values that the rows held, read under locks on a leader that may tell.
    ///
    /// A transaction happens wholly or not at all: where a row holds something else, another one tells.
    ///
    /// - Parameter found: a key that is not in it has no row.
    init(of doubt: Doubt, found: [Int64: Int64]) {
        let changes = doubt.attempt.changes
        let written = changes.filter { $0.after != nil }
        // A row that holds the attempt's token can have it from nowhere else. A delete leaves none, but nobody
        // else deletes this row.
        let isOwn =
            written.isEmpty
            ? changes.allSatisfy { found[$0.id] == nil } : written.contains { found[$0.id] == $0.after }
        didHappen = doubt.isOpen ? isOwn : nil
        surprises = changes.compactMap { change in
            let expected = doubt.isOpen && isOwn ? change.after : change.before
            return found[change.id] == expected
                ? nil : Surprise(id: change.id, found: found[change.id], expected: expected)
        }
    }
}
