package import Model

/// One attempt to move a row to a token, and what the history knows about it.
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

    package var token: Int64
    /// The value that the attempt found in the row.
    package var previous: Int64
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

    /// Whether the row must hold this token or a later one.
    package var isAcknowledged: Bool { outcome == .ok || outcome == .settledOk }

    /// Whether the row must never hold this token.
    package var isImpossible: Bool { outcome == .fail || outcome == .settledFail }

    /// Whether nobody has found out yet what became of it.
    package var isUnsettled: Bool { outcome == .open || outcome == .info }
}

/// A marker that `reader verify` wrote.
package struct Fence: Sendable, Equatable {
    package var token: Int64
    /// What the row held before it.
    package var previous: Int64

    package init(token: Int64, previous: Int64) {
        (self.token, self.previous) = (token, previous)
    }
}

/// A failed task of the connector, started again.
package struct ConnectorStart: Sendable, Equatable {
    /// The timeline that led.
    package var timeline: Timeline
    /// The offset that it had stored.
    package var stored: LSN
    /// Microseconds since 1970.
    package var at: Int64
}

/// Something that was done to a part while the pipeline ran.
package struct InjectedFault: Sendable, Equatable {
    package var fault: String
    package var target: String
    /// The leader's name when it began.
    package var leader: String?
    /// The leader's timeline when it began.
    package var timeline: Timeline?
    /// Nanoseconds of the monotonic clock.
    package var began: UInt64
    /// `nil` where nobody undid it.
    package var ended: UInt64?
    /// When it began, in microseconds since 1970.
    package var beganAt: Int64 = 0

    /// Whether another node has to lead because of it.
    package var changesLeader: Bool {
        switch fault {
        case "switchover", "failover": return true
        case "kill", "stop": return leader == target
        default: return false
        }
    }

    /// The fault in words, such as `kill patroni2 (the leader)`.
    package var description: String {
        "\(fault) \(target)" + (leader == target && !fault.ends(with: "over") ? " (the leader)" : "")
    }
}
