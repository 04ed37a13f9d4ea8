package import Model

/// What one attempt does to one row, and what the history knows about it.
///
/// An attempt that changes two rows is one of these at each of them.
package struct Attempt: Sendable, Equatable {
    /// How far the history settles what became of it.
    package enum Outcome: Sendable, Equatable {
        /// Invoked, and its program ended before it wrote an outcome: as unknown as `info`.
        case open
        case ok
        case fail
        case info
        /// An `info` that the writer found in the row.
        case settledOk
        /// An `info` that the writer showed not to have happened.
        case settledFail
    }

    /// What becomes of the row.
    package enum Effect: UInt8, Sendable {
        case update, insert, delete
    }

    package var token: Token
    /// The value that the attempt found in the row.
    package var previous: Token
    package var effect = Effect.update
    package var timeline: Timeline
    /// Nanoseconds of the monotonic clock.
    package var invoked: UInt64
    /// When the outcome was written, `nil` while open.
    package var ended: UInt64?
    package var outcome: Outcome
    package var worker = 0
    /// `host:port` of the server that it was sent to, as the server sees itself.
    package var node = ""
    /// When it was invoked, in microseconds since 1970.
    package var invokedAt: Int64 = 0
    /// Why it was not acknowledged, in words.
    package var failure: String?
    /// What the writer found when it looked what had become of it, in words.
    package var settlement: String?

    /// What the row holds before it, `nil` where there is no row.
    package var before: Token? { effect == .insert ? nil : previous }

    /// What the row holds after it, `nil` where there is no row.
    package var after: Token? { effect == .delete ? nil : token }

    /// Whether the row must hold this token or a later one.
    package var isAcknowledged: Bool { outcome == .ok || outcome == .settledOk }

    /// Whether the row must never hold this token.
    package var isImpossible: Bool { outcome == .fail || outcome == .settledFail }

    /// Whether nobody has found out yet what became of it.
    package var isUnsettled: Bool { outcome == .open || outcome == .info }
}
