package import Model

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
