import Shared

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
    /// Capture may go on where it is.
    case clear(String)
    /// The offset lies behind the fork: it goes back to it, then capture may go on.
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

        var range: String { "\(from) to \(to.map(\.description) ?? "where a new slot begins")" }
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
            self =
                now.isOffsetFinal
                ? .clear("the connector has stored no offset yet: it begins with a snapshot") : .settle
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
            if confirmed <= reached || fork == nil {
                guard let fork, offset > fork else { return .clear(text(offset, fork)) }
                return .rewind(from: offset, to: fork)
            }
            // A slot that is ahead of the offset but not of the fork was there before the failover.
            if let fork, offset <= fork, confirmed <= fork { return .clear(text(offset, fork)) }
            gap = Gap(
                from: reached,
                to: confirmed,
                reason: "the slot begins behind the end of what was captured"
            )
        }
        return now.isGapAccepted ? .skip(gap) : .gap(gap)
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
