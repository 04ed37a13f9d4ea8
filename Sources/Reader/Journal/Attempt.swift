import Shared

/// One attempt to move a row to a token, and what the history knows about it.
struct Attempt: Sendable, Equatable {
    /// How far the history settles what became of it.
    enum Outcome: Sendable, Equatable {
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

    var token: Int64
    /// The value that the attempt found in the row.
    var previous: Int64
    var timeline: Timeline
    /// Nanoseconds of the monotonic clock.
    var invoked: UInt64
    /// When the outcome was written, `nil` while open.
    var ended: UInt64?
    var outcome: Outcome
    var worker = 0
    /// `host:port` of the server that it was sent to, as the server sees itself.
    var node = ""
    /// When it was invoked, in microseconds since 1970.
    var invokedAt: Int64 = 0
    /// Why it was not acknowledged, in words.
    var failure: String?
    /// What the writer found when it looked what had become of it, in words.
    var settlement: String?

    /// Whether the row must hold this token or a later one.
    var isAcknowledged: Bool { outcome == .ok || outcome == .settledOk }

    /// Whether the row must never hold this token.
    var isImpossible: Bool { outcome == .fail || outcome == .settledFail }

    /// Whether nobody has found out yet what became of it.
    var isUnsettled: Bool { outcome == .open || outcome == .info }
}

/// A marker that `reader verify` wrote.
struct Fence: Sendable, Equatable {
    var token: Int64
    /// What the row held before it.
    var previous: Int64
}

/// A failed task of the connector, started again.
struct ConnectorStart: Sendable, Equatable {
    /// The timeline that led.
    var timeline: Timeline
    /// The offset that it had stored.
    var stored: LSN
    /// Microseconds since 1970.
    var at: Int64
}

/// Something that was done to a part while the pipeline ran.
struct InjectedFault: Sendable, Equatable {
    var fault: String
    var target: String
    /// The leader's name when it began.
    var leader: String?
    /// The leader's timeline when it began.
    var timeline: Timeline?
    /// Nanoseconds of the monotonic clock.
    var began: UInt64
    /// `nil` where nobody undid it.
    var ended: UInt64?
    /// When it began, in microseconds since 1970.
    var beganAt: Int64 = 0

    /// Whether another node has to lead because of it.
    var changesLeader: Bool {
        switch fault {
        case "switchover", "failover": return true
        case "kill", "stop": return leader == target
        default: return false
        }
    }

    /// The fault in words, such as `kill patroni2 (the leader)`.
    var description: String {
        "\(fault) \(target)" + (leader == target && !fault.ends(with: "over") ? " (the leader)" : "")
    }
}
