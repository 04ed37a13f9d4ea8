import Shared

/// What a worker knows about one of its rows.
struct Row: Sendable {
    let id: Int64
    /// What the last acknowledged write left, or what was last read.
    var value: Int64
    /// Why `value` is in doubt; such a row is read before it is written again.
    var doubt: Doubt? = nil
}

/// A write that was of unknown outcome and turned out not to have happened: it is made again, on the same row.
///
/// What the lost attempt left in a stream that had already read it is overwritten by that, too.
struct UndoneWrite: Sendable, Equatable {
    /// The row's place among the worker's.
    let place: Int
    /// When the write was meant to start at first.
    let intended: UInt64
}

/// What makes it necessary to read a row.
struct Doubt: Sendable, Equatable {
    /// The attempt of unknown outcome; `nil` if only the value was found to be another one.
    var token: Token?
    /// When that attempt was meant to start, in nanoseconds of the monotonic clock.
    var intended: UInt64 = 0
    /// The timeline of the server on which it arose: only this one or a later one can tell.
    var timeline: Timeline
}

/// What reading a row in doubt showed.
struct Settlement: Sendable, Equatable {
    /// Whether the attempt of unknown outcome happened; `nil` if there was none.
    var didHappen: Bool?
    /// Whether the row held neither the attempt's token nor what was acknowledged last.
    var isSurprise: Bool

    /// Settles a doubt by the value that the row held, read under a lock on a leader that may tell.
    ///
    /// - Parameters:
    ///   - expected: what the last acknowledged write left.
    ///   - found: `nil` when the row is gone.
    init(of doubt: Doubt, expected: Int64, found: Int64?) {
        let isOwn = doubt.token.map { $0.rawValue == found }
        didHappen = isOwn
        isSurprise = isOwn != true && found != expected
    }
}
