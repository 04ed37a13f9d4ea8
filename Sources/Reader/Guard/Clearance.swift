import Model
import Slots

/// The way of a leader's timeline to its clearance, as a state machine without I/O: it names one step, takes what came of
/// it, and names the next.
///
/// `GuardLoop` carries the steps out. One that fails ends the way, and the next look begins a new one: every step can be
/// begun anew, also after a crash.
///
/// | step | what came of it | next |
/// |---|---|---|
/// | look | `GuardDecision`: keep, clear | noteEnds after a fork, else clear |
/// | | wait | refuse |
/// | | settle | readTasks |
/// | | prove | prove |
/// | | rewind | stop |
/// | | gap | hold |
/// | | skip | makeSlot, or stop where the slot is there |
/// | readTasks | the tasks | restart; refuse where there is none yet |
/// | restart, prove | | look |
/// | makeSlot | where it begins | stop |
/// | stop | the offset, final now | readSlot; look where it need not be moved any more |
/// | readSlot | nobody reads it, it is before the place | move |
/// | | it has moved on | look |
/// | | something reads it past the gate | refuse |
/// | move | | requestSnapshot after a gap that one fills; else noteEnds or clear |
/// | requestSnapshot | | noteEnds or clear |
/// | noteEnds | what is to be repaired | clear |
/// | clear | | resume |
/// | hold, refuse, resume | | end |
struct Clearance: Sendable, Equatable {
    /// Where the way begins.
    enum Beginning: Sendable, Equatable {
        /// The timeline is not cleared.
        case timeline
        /// It is, and its slot is not the one any more that was read from.
        case gap(GuardDecision.Gap, isAccepted: Bool)
        /// There is no connector; `cleared` names the timeline from which offsets of one may be left.
        case vacancy(connector: String, cleared: Timeline?, end: LSN)
    }

    /// What becomes of a gap that nobody has accepted.
    enum Filling: Sendable, Equatable {
        /// A person decides.
        case person
        /// An incremental snapshot reads the tables again.
        case snapshot
        /// It should, but the connector takes no signals.
        case noSignals
    }

    /// Where an offset goes, and the gap that it leaves if there is one.
    private struct Target: Sendable, Equatable {
        var position: LSN
        var gap: GuardDecision.Gap?
    }

    /// The step whose answer is awaited.
    private enum Stage: Sendable, Equatable {
        case looking, settling, restarting, proving
        case making(GuardDecision.Gap)
        case stopping(Target)
        case reading(Target, offset: LSN)
        case moving(Target)
        case requesting(reason: String)
        case noting(reason: String)
        case clearing, resuming, saying, over
    }

    /// Settle, prove and decide take three looks; a stop may change the offset, and with it the decision.
    static let lookLimit = 5

    private let timeline: Timeline
    private let filling: Filling
    private var stage = Stage.over
    private var lookCount = 0
    /// What was decided at the last look.
    private(set) var decision: GuardDecision?
    /// What was decided on.
    private var situation: GuardSituation?
    private var decoding: DecodingStart?

    init(of timeline: Timeline, filling: Filling) {
        (self.timeline, self.filling) = (timeline, filling)
    }

    /// The first step.
    mutating func begin(_ beginning: Beginning) -> Step {
        switch beginning {
        case .timeline: return look()
        case .gap(let gap, let isAccepted): return isAccepted ? skip(gap) : hold(gap)
        case .vacancy(let connector, let cleared, let end):
            guard let cleared else { return clear("there is no connector \(connector) yet", nil) }
            stage = .saying
            let text =
                "there is no connector \(connector), but offsets may be left from timeline \(cleared): delete them, "
                + "then POST /clear/\(timeline)"
            let gap = GuardDecision.Gap(from: end, to: nil, reason: "there is no connector")
            return .hold(Hold(gap: gap, text: text, isLoss: false))
        }
    }

    /// The next step; `end` as well for an answer to another step than the last one.
    mutating func next(after answer: Answer) -> Step {
        switch (stage, answer) {
        case (.looking, .seen(var now)):
            now.decoding = decoding
            situation = now
            let found = GuardDecision(now)
            decision = found
            return act(on: found)
        case (.settling, .tasks(let tasks, let isStopped)):
            if tasks.isEmpty, !isStopped { return refuse("the connector has no task yet") }
            stage = .restarting
            return .restart(tasks.filter { !$0.hasFailed }.map(\.id))
        case (.restarting, .done): return look()
        case (.proving, .proven(let found)):
            decoding = found
            return look()
        case (.making(let gap), .made(let begin)): return stop(Target(position: begin, gap: gap))
        case (.stopping(let target), .stopped(let offset)):
            guard let offset, target.gap != nil || offset > target.position else { return again(target) }
            stage = .reading(target, offset: offset)
            return .readSlot(for: target.position)
        case (.reading(let target, let offset), .slot(let found)): return move(offset, target, found)
        case (.moving(let target), .done): return moved(target)
        case (.requesting(let reason), .done): return noteEnds(reason)
        case (.noting(let reason), .ends(let repair)): return clear(reason, repair)
        case (.clearing, .done):
            stage = .resuming
            return .resume
        default: return end()
        }
    }

    // MARK: The steps

    /// What was read before a task ended, that task may have changed: the slot's position too.
    private mutating func look() -> Step {
        guard lookCount < Self.lookLimit else { return end() }
        lookCount += 1
        stage = .looking
        return .look
    }

    private mutating func act(on decision: GuardDecision) -> Step {
        switch decision {
        case .keep:
            situation = nil
            return clear("the timeline was cleared before", nil)
        case .wait(let reason): return refuse(reason)
        case .settle:
            stage = .settling
            return .readTasks
        case .prove(let position):
            stage = .proving
            return .prove(at: position)
        case .clear(let reason): return noteEnds(reason)
        case .rewind(_, let fork): return stop(Target(position: fork))
        case .gap(let gap): return hold(gap)
        case .skip(let gap): return skip(gap)
        }
    }

    private mutating func skip(_ gap: GuardDecision.Gap) -> Step {
        if let begin = gap.to { return stop(Target(position: begin, gap: gap)) }
        stage = .making(gap)
        return .makeSlot(replaces: gap.isSlotUnfit)
    }

    private mutating func stop(_ target: Target) -> Step {
        stage = .stopping(target)
        return .stop
    }

    private mutating func move(_ offset: LSN, _ target: Target, _ found: SlotAfterStop) -> Step {
        switch found {
        case .changed: return again(target)
        case .isRead(let process):
            return refuse(
                "the connector is stopped, and the leader's process \(process) still reads its slot past the gate: end "
                    + "it, and let it connect through HAProxy's listener for capture; capture waits"
            )
        case .ready:
            stage = .moving(target)
            return .move(from: offset, to: target.position, isGap: target.gap != nil)
        }
    }

    /// Offset or slot, read again after the stop, ask for another decision; what was proven was of another position.
    private mutating func again(_ target: Target) -> Step {
        guard target.gap == nil else { return end() }
        decoding = nil
        return look()
    }

    private mutating func moved(_ target: Target) -> Step {
        guard let gap = target.gap else {
            return noteEnds("the stored offset was moved back to the fork \(target.position)")
        }
        let reason = "goes on at \(target.position), without the changes from \(gap.from) on"
        guard filling == .snapshot else { return noteEnds(reason) }
        stage = .requesting(reason: reason)
        return .requestSnapshot(from: gap.from, to: target.position)
    }

    private mutating func noteEnds(_ reason: String) -> Step {
        guard let fork = situation?.phantoms else { return clear(reason, nil) }
        stage = .noting(reason: reason)
        return .noteEnds(fork: fork)
    }

    private mutating func clear(_ reason: String, _ repair: GuardState.Repair?) -> Step {
        stage = .clearing
        return .clear(
            Clearing(
                reason: reason,
                branch: situation?.branch,
                repair: repair,
                unjudged: situation?.unjudgedText
            )
        )
    }

    private mutating func hold(_ gap: GuardDecision.Gap) -> Step {
        stage = .saying
        let lost = "\(gap.reason): the changes from \(gap.range) are lost to the stream"
        switch filling {
        case .person:
            let way = "; capture waits: accept it with POST /clear/\(timeline), or repair the slot"
            return .hold(Hold(gap: gap, text: lost + way))
        case .snapshot: return .hold(Hold(gap: gap, text: lost, isFilled: true))
        case .noSignals:
            let way =
                "; capture waits: the connector has no signal.data.collection, so no snapshot can be asked for"
            return .hold(Hold(gap: gap, text: lost + way))
        }
    }

    private mutating func refuse(_ reason: String) -> Step {
        stage = .saying
        return .refuse(reason)
    }

    private mutating func end() -> Step {
        stage = .over
        return .end
    }
}
