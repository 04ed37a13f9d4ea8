import Model
import Slots

/// What the way asks for, and what it is told.
extension Clearance {
    enum Step: Sendable, Equatable {
        /// Read where the timelines ended, the stored offset and the slot.
        case look
        /// Read the tasks, once HAProxy can't lead to a former leader any more.
        case readTasks
        /// Restart these tasks with the gate closed.
        case restart([Int])
        /// Find out whether decoding is consistent at the position.
        case prove(at: LSN)
        /// Make the slot anew, if need be in place of the one that is there.
        case makeSlot(replaces: Bool)
        /// Stop the connector, and read its offset when no task lives any more.
        case stop
        /// Read the slot, when its reader is gone or does not go.
        case readSlot(for: LSN)
        /// Move the stored offset; also forward after a gap.
        case move(from: LSN, to: LSN, isGap: Bool)
        /// Have the tables of the publication read again.
        case requestSnapshot(from: LSN, to: LSN)
        /// Note how far the topics reach: what is in front may be of a dead timeline.
        case noteEnds(fork: LSN)
        /// Write down that the timeline is cleared, and open the gate.
        case clear(Clearing)
        /// Let the connector run again, if the guard has stopped it.
        case resume
        /// Keep the gate closed because of a gap.
        case hold(Hold)
        /// Say why it is not cleared yet.
        case refuse(String)
        case end
    }

    /// What came of a step.
    enum Answer: Sendable, Equatable {
        case seen(GuardSituation)
        /// - Parameter isStopped: the connector is stopped, and so has none.
        case tasks([Task], isStopped: Bool)
        case proven(DecodingStart)
        case made(begin: LSN)
        case stopped(offset: LSN?)
        case slot(SlotAfterStop)
        /// `nil` where there is nothing that could be repaired.
        case ends(GuardState.Repair?)
        /// It was carried out, and there is nothing more to tell.
        case done
    }

    struct Task: Sendable, Equatable {
        var id: Int
        var hasFailed: Bool
    }

    struct Clearing: Sendable, Equatable {
        var reason: String
        /// Where the history left the timeline that was cleared before.
        var branch: LSN?
        var repair: GuardState.Repair?
        /// What is to be said of forks that nobody watched.
        var unjudged: String?
    }

    struct Hold: Sendable, Equatable {
        var gap: GuardDecision.Gap
        var text: String
        /// Whether changes are lost; else offsets of a connector that is not there may be left.
        var isLoss = true
        /// Whether it is accepted from the next look on without a person: a snapshot makes up for it.
        var isFilled = false
    }
}
