import FoundationEssentials
import JSONText
import Model

/// What the guard remembers of a connector: in memory, and in a table on the leader.
///
/// The table is written on the session that holds the guard's lock, so what it says about a timeline was written
/// by that timeline's leader: after a failover the next leader knows of an older clearance at most, never of one
/// of its own.
struct GuardState: Codable, Sendable, Equatable {
    /// Phantoms to look for after a fork.
    struct Repair: Codable, Sendable, Equatable {
        /// The timeline that was cleared when it was noted.
        var timeline: UInt32
        /// Events at or after this position are of the dead timeline, if they stand before `ends`.
        var fork: UInt64
        /// The end of each partition, as `topic/partition`, when the last task of the dead timeline had ended.
        var ends: [String: Int64]
    }

    /// The last timeline that was cleared.
    var cleared: UInt32?
    /// Where the history left the one that was cleared before it, if that is known.
    var fork: UInt64?
    /// There was no connector when the timeline was cleared, and none was seen since: no offset can be left of one.
    var isVacant = false
    /// The guard has stopped the connector, and has to resume it.
    var hasStopped = false
    var repairs: [Repair] = []
    /// What kind of slot the connector had, for one that has to be made anew.
    var slot: SlotKind?

    /// The properties that a slot has for life.
    struct SlotKind: Codable, Sendable, Equatable {
        var isTwoPhase = false
        /// Standbys keep it as well (PostgreSQL 17 and later).
        var isFailover = false
    }

    var clearedTimeline: Timeline? { cleared.map { Timeline($0) } }

    /// The knowledge of both: the one that cleared a later timeline knows better.
    func merged(with stored: GuardState) -> GuardState {
        var newer = (stored.cleared ?? 0) >= (cleared ?? 0) ? stored : self
        let older = newer == stored ? self : stored
        // A repair that only the older one has was lost with a leader, unless it was done since.
        if older.cleared != newer.cleared {
            newer.repairs += older.repairs.filter { !newer.repairs.contains($0) }
        }
        newer.hasStopped = hasStopped || stored.hasStopped
        newer.slot = newer.slot ?? older.slot
        return newer
    }

    /// Whether a timeline can be cleared while there is no connector.
    ///
    /// Not so where one was guarded before: its offsets outlive it, and may be after a fork.
    func allowsVacancy(on timeline: Timeline) -> Bool {
        guard let cleared = clearedTimeline, cleared != timeline else { return true }
        return isVacant
    }

    /// What this knowledge says on a leader whose table holds `stored`.
    ///
    /// Two nodes may promote themselves to a timeline of the same number, one after the other, if the second one never
    /// heard of the first. Then the clearance in memory is of the first one's branch; the second one's table does not
    /// have it, and its branch left the common history before it reached the first one's fork, or at it.
    ///
    /// - Returns: the last cleared timeline that is in this leader's history, and a position that the stream can't
    ///   have passed on it.
    func known(on timeline: Timeline, stored: GuardState?) -> (cleared: Timeline?, bound: LSN?) {
        guard clearedTimeline == timeline, stored?.clearedTimeline != timeline else {
            return (clearedTimeline, nil)
        }
        return (stored?.clearedTimeline, fork.map { LSN(rawValue: $0) })
    }

    var text: String {
        guard let text = try? jsonText(self) else { preconditionFailure("numbers and texts are JSON") }
        return text
    }

    /// - Returns: `nil` when the text is of another version of the guard.
    init?(text: String) {
        guard let state = try? JSONDecoder().decode(GuardState.self, from: Data(text.utf8)) else {
            return nil
        }
        self = state
    }

    init(
        cleared: UInt32? = nil,
        fork: UInt64? = nil,
        isVacant: Bool = false,
        hasStopped: Bool = false,
        repairs: [Repair] = [],
        slot: SlotKind? = nil
    ) {
        (self.cleared, self.fork, self.isVacant) = (cleared, fork, isVacant)
        (self.hasStopped, self.repairs, self.slot) = (hasStopped, repairs, slot)
    }
}
