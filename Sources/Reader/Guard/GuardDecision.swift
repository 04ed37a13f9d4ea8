import Model
import Slots

/// What the guard has found out, all that a decision depends on.
struct GuardSituation: Sendable, Equatable {
    /// The connector's slot on the leader.
    enum Slot: Sendable, Equatable {
        case missing
        /// PostgreSQL has removed log that it needs (`wal_status` is `lost`).
        case invalid
        /// - Parameters:
        ///   - confirmed: the server sends nothing that was committed before, whatever is asked for.
        ///   - isStreaming: a walsender is at work on it.
        case at(confirmed: LSN, isStreaming: Bool)

        var confirmed: LSN? {
            if case .at(let confirmed, _) = self { confirmed } else { nil }
        }
    }

    /// The timeline that the leader writes.
    var timeline: Timeline
    /// Where each former timeline ended on the leader's history.
    var forks: [Timeline: LSN]
    /// The last timeline that was cleared; `nil` where the guard never was before.
    var cleared: Timeline?
    /// The furthest position that Kafka Connect has stored for the connector; `nil` while it has stored none.
    var offset: LSN?
    /// Whether the offset can't move any more: no task lives that may have read from a former timeline.
    var isOffsetFinal: Bool
    var slot: Slot
    /// Another branch with this timeline's number was cleared: the stream may have left this history here.
    var bound: LSN?
    /// Whether decoding from the slot is consistent where capture would go on; `nil` while nobody has looked.
    var decoding: DecodingStart?
    /// Whether a person has accepted the gap on this timeline, or a snapshot fills it.
    var isGapAccepted = false
}

/// What the guard does about a timeline.
enum GuardDecision: Sendable, Equatable {
    /// The timeline is cleared.
    case keep
    /// Not enough is known yet.
    case wait(String)
    /// The task that read from the former timeline must end first, so that the offset is final.
    case settle
    /// Capture would go on at this position: whether decoding is consistent there must be known first.
    case prove(at: LSN)
    /// Capture may go on where it is.
    case clear(String)
    /// The offset lies after the fork: it goes back to it, then capture may go on.
    case rewind(from: LSN, to: LSN)
    /// Changes can't be had from the slot any more; capture waits.
    case gap(Gap)
    /// Such a gap is accepted: the offset moves to where the slot begins, and capture goes on there.
    case skip(Gap)

    /// A part of the log whose changes the stream will not have.
    struct Gap: Sendable, Equatable {
        /// The first position that may be missing.
        var from: LSN
        /// Where the slot begins; `nil` while there is none.
        var to: LSN?
        var reason: String
        /// Whether the slot that is there has to be made anew: what it would send has a hole.
        var isSlotUnfit = false

        var range: String { "\(from) to \(to.map(\.description) ?? "where a new slot begins")" }
        var text: String { "gap from \(range): \(reason)" }
    }

    /// Decides what to do about the leader's timeline.
    ///
    /// The rule: capture may go on if the stored offset is at or before the place where the leader's history left
    /// the timeline that the offset was read from. That timeline is the last cleared one or an older one, because
    /// nothing is captured through a gate that is closed. Where it is not known, every fork between the slot's
    /// confirmed position and the offset counts: going back too far repeats events, and that harms nobody.
    init(_ now: GuardSituation) {
        if now.cleared == now.timeline {
            self = .keep
            return
        }
        if let cleared = now.cleared, cleared > now.timeline {
            self = .wait(
                "the leader is on timeline \(now.timeline), and timeline \(cleared) was cleared before: is it another cluster?"
            )
            return
        }
        if let missing = Self.unknownFork(now) {
            self = .wait("where timeline \(missing) ended is not known yet")
            return
        }
        guard let offset = now.offset else {
            self = now.isOffsetFinal ? Self.first(now) : .settle
            return
        }
        if now.cleared == nil, case .at(_, isStreaming: true) = now.slot {
            self = .clear("adopted: the connector streams from this leader, and nothing is known of before")
            return
        }
        guard now.isOffsetFinal else {
            self = .settle
            return
        }
        self = Self.decide(now, offset: offset, fork: Self.fork(now, before: offset))
    }

    /// A connector that begins takes a snapshot, and then reads on from its slot.
    ///
    /// A slot that was made on this server is complete from where it stands. A copy on a server that was promoted may
    /// skip what was committed between the snapshot and where decoding is consistent.
    private static func first(_ now: GuardSituation) -> GuardDecision {
        let clear = GuardDecision.clear("the connector has stored no offset yet: it begins with a snapshot")
        guard now.timeline.rawValue > 1, !now.isGapAccepted, case .at(let confirmed, _) = now.slot else {
            return clear
        }
        guard let decoding = now.decoding else { return .prove(at: confirmed) }
        guard let objection = decoding.objection else { return clear }
        return .wait(
            "the connector has stored no offset yet, and its slot would skip changes after the snapshot that it begins "
                + "with: \(objection); drop the slot: the connector makes one that is complete"
        )
    }

    private static func decide(_ now: GuardSituation, offset: LSN, fork: LSN?) -> GuardDecision {
        // The end of what the stream has had of the leader's history.
        let reached = min(offset, fork ?? offset)
        let gap: Gap
        switch now.slot {
        case .missing:
            gap = Gap(from: reached, to: nil, reason: "the leader has no slot of this name")
        case .invalid:
            gap = Gap(from: reached, to: nil, reason: "the slot has lost the log that it needs")
        case .at(let confirmed, _):
            let rewinds = fork.map { offset > $0 } ?? false
            // A slot that is ahead of the offset but not of the fork was there before the failover.
            if confirmed <= reached || fork == nil || !rewinds && fork.map({ confirmed <= $0 }) == true {
                return proven(now, at: max(reached, confirmed), gapFrom: reached) {
                    guard let fork, rewinds else { return .clear(text(offset, fork)) }
                    return .rewind(from: offset, to: fork)
                }
            }
            gap = Gap(
                from: reached,
                to: confirmed,
                reason: "the slot begins after the end of what was captured"
            )
            guard now.isGapAccepted else { return .gap(gap) }
            return proven(now, at: confirmed, gapFrom: reached) { .skip(gap) }
        }
        return now.isGapAccepted ? .skip(gap) : .gap(gap)
    }

    /// What is to be done if decoding is consistent at a position; else what it would skip is a gap.
    private static func proven(
        _ now: GuardSituation,
        at position: LSN,
        gapFrom reached: LSN,
        then decision: () -> GuardDecision
    ) -> GuardDecision {
        guard let decoding = now.decoding else { return .prove(at: position) }
        guard let objection = decoding.objection else { return decision() }
        let gap = Gap(from: reached, to: nil, reason: objection, isSlotUnfit: true)
        return now.isGapAccepted ? .skip(gap) : .gap(gap)
    }

    /// What `/status` says of it.
    func text(on timeline: Timeline) -> String {
        switch self {
        case .keep: "timeline \(timeline) is cleared"
        case .wait(let reason): reason
        case .settle: "the task that read from the former timeline is being ended"
        case .prove(let position): "the slot is looked at: is it complete from \(position) on?"
        case .clear(let reason): reason
        case .rewind(let from, let to): "the stored offset \(from) goes back to the fork \(to)"
        case .gap(let gap), .skip(let gap): gap.text
        }
    }

    private static func text(_ offset: LSN, _ fork: LSN?) -> String {
        fork.map { "the stored offset \(offset) is at or before the fork \($0)" }
            ?? "the stored offset \(offset) lies on this timeline"
    }

    /// The timeline whose end should be known and is not.
    private static func unknownFork(_ now: GuardSituation) -> Timeline? {
        guard now.timeline.rawValue > 1 else { return nil }
        let first = now.cleared?.rawValue ?? now.timeline.rawValue - 1
        return (first..<now.timeline.rawValue).lazy.map(Timeline.init).first { now.forks[$0] == nil }
    }

    /// Where the leader's history first left what the offset was read from; `nil` where it did not.
    private static func fork(_ now: GuardSituation, before offset: LSN) -> LSN? {
        let former = now.forks.filter { $0.key < now.timeline }
        if let cleared = now.cleared {
            return (former.filter { $0.key >= cleared }.values + [now.bound].compactMap(\.self)).min()
        }
        guard case .at(let confirmed, _) = now.slot else { return former.values.filter { $0 < offset }.max() }
        return former.values.filter { $0 >= confirmed && $0 < offset }.min()
    }
}
